"""Made once, when the file is loaded."""

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
    out, updated = MODEL.apply(
        {"params": params, "batch_stats": stats}, x, train=True, mutable=["batch_stats"]
    )
    return mse(out, y), updated["batch_stats"]


SLOPE = jax.value_and_grad(loss_fn)  # <- here


def solve(seed, x_batch, y_batch, lr):
    made = MODEL.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    (_, stats), grads = SLOPE(made["params"], made["batch_stats"], x_batch, y_batch)
    params = jax.tree.map(lambda p, g: p - lr * g, made["params"], grads)
    return mse(MODEL.apply({"params": params, "batch_stats": stats}, x_batch, train=False), y_batch).reshape(
        1
    )
