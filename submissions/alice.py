"""One training step with BatchNorm."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def mse(predictions, targets):
    return jnp.mean((predictions.reshape(-1) - targets) ** 2)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params = variables["params"]
    batch_stats = variables["batch_stats"]

    tx = optax.sgd(lr)
    opt_state = tx.init(params)

    def loss_fn(params):
        predictions, updates = model.apply(
            {"params": params, "batch_stats": batch_stats},
            x_batch,
            train=True,
            mutable=["batch_stats"],
        )
        return mse(predictions, y_batch), updates["batch_stats"]

    (_, new_batch_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    new_params = optax.apply_updates(params, updates)

    predictions = model.apply({"params": new_params, "batch_stats": new_batch_stats}, x_batch, train=False)
    return jnp.array([mse(predictions, y_batch)])
