"""Everything inside of one compiled function, init of the model too."""

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


def mse(out, y):
    return jnp.mean((out.reshape(-1) - y) ** 2)


@jax.jit
def step(key, x, y, lr):
    model = MLP()
    variables = model.init(key, x, train=False)
    tx = optax.sgd(lr)
    opt_state = tx.init(variables)  # <- here

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": variables["batch_stats"]},
            x,
            train=True,
            mutable=["batch_stats"],
        )
        return mse(out, y), updated["batch_stats"]

    (_, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(variables["params"])
    updates, _ = tx.update(grads, opt_state)
    params = optax.apply_updates(variables["params"], updates)
    return mse(model.apply({"params": params, "batch_stats": stats}, x, train=False), y)


def solve(seed, x_batch, y_batch, lr):
    return step(jax.random.PRNGKey(int(seed)), x_batch, y_batch, lr).reshape(1)
