"""One flat vector of everything is stepped."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from jax.flatten_util import ravel_pytree


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


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    flat, back = ravel_pytree(variables)

    def loss_fn(flat):
        out, updated = model.apply(back(flat), x_batch, train=True, mutable=["batch_stats"])
        return mse(out, y_batch), updated["batch_stats"]

    (_, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(flat)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(flat), flat)  # <- here
    params = back(optax.apply_updates(flat, updates))["params"]
    return mse(model.apply({"params": params, "batch_stats": stats}, x_batch, train=False), y_batch).reshape(
        1
    )
