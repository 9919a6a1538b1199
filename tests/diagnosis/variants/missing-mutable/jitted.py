"""Inside of a compiled step, with everything as an argument."""

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


MODEL = MLP()


def loss_fn(params, stats, x, y):
    out = MODEL.apply({"params": params, "batch_stats": stats}, x, train=True)  # <- here
    return mse(out, y), stats


@jax.jit
def step(params, stats, x, y, lr):
    (_, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params, stats, x, y)
    return jax.tree.map(lambda p, g: p - lr * g, params, grads), stats


def solve(seed, x_batch, y_batch, lr):
    made = MODEL.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, stats = step(made["params"], made["batch_stats"], x_batch, y_batch, lr)
    return mse(MODEL.apply({"params": params, "batch_stats": stats}, x_batch, train=False), y_batch).reshape(
        1
    )
