"""A compiled step over a renamed tree."""

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


@jax.jit
def step(both, x, y, lr):
    tx = optax.sgd(lr)

    def loss_fn(both):
        out, updated = MODEL.apply(
            {"params": both["w"], "batch_stats": both["s"]}, x, True, mutable=["batch_stats"]
        )
        return mse(out, y), updated["batch_stats"]

    (_, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(both)
    updates, _ = tx.update(grads, tx.init(both))  # <- here
    return {**optax.apply_updates(both, updates), "s": stats}


def solve(seed, x_batch, y_batch, lr):
    made = MODEL.init(jax.random.PRNGKey(int(seed)), x_batch, False)
    both = step({"w": made["params"], "s": made["batch_stats"]}, x_batch, y_batch, lr)
    return mse(MODEL.apply({"params": both["w"], "batch_stats": both["s"]}, x_batch, False), y_batch).reshape(
        1
    )
