# follows the BatchNorm guide of the documentation
import jax
import jax.numpy as jnp
import optax
from flax import linen as nn


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def update_step(apply_fn, tx, x, y, opt_state, params, state):
    def loss(params):
        preds, updated_state = apply_fn(
            {"params": params, **state}, x, train=True, mutable=list(state.keys())
        )
        return jnp.mean((preds[:, 0] - y) ** 2), updated_state

    (_, updated_state), grads = jax.value_and_grad(loss, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state)
    params = optax.apply_updates(params, updates)
    return opt_state, params, updated_state


def solve(seed, x_batch, y_batch, lr):
    mlp = MLP()
    variables = mlp.init(jax.random.PRNGKey(int(seed)), x_batch, train=True)
    state, params = variables.pop("params")
    del variables

    tx = optax.sgd(lr)
    opt_state = tx.init(params)
    opt_state, params, state = update_step(
        mlp.apply, tx, x_batch, y_batch, opt_state, params, state
    )

    preds = mlp.apply({"params": params, **state}, x_batch, train=False)
    return jnp.mean((preds[:, 0] - y_batch) ** 2).reshape((1,))
