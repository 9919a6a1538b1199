import functools

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


@functools.partial(jax.jit, static_argnums=(0, 1, 3))
def train(model, tx, params, batch_stats, opt_state, x, y):
    def loss_fn(params):
        out, mutated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x, train=True, mutable=["batch_stats"]
        )
        return jnp.mean((out.reshape(-1) - y) ** 2), mutated["batch_stats"]

    (_, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    return optax.apply_updates(params, updates), new_stats, opt_state


@functools.partial(jax.jit, static_argnums=0)
def evaluate(model, params, batch_stats, x, y):
    out = model.apply({"params": params, "batch_stats": batch_stats}, x, train=False)
    return jnp.mean((out.reshape(-1) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    tx = optax.sgd(lr)
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=True)
    params, batch_stats = variables["params"], variables["batch_stats"]
    opt_state = tx.init(params)
    params, batch_stats, opt_state = train(
        model, tx, params, batch_stats, opt_state, x_batch, y_batch
    )
    return evaluate(model, params, batch_stats, x_batch, y_batch).reshape(1)
