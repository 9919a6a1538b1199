"""A compiled step gets a renamed dictionary: neither names of collections nor identity are left."""

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
def step(everything, x, y, lr):
    tx = optax.sgd(lr)
    memory = tx.init(everything)  # <- here

    def loss_fn(weights):
        out, updated = MODEL.apply(
            {"params": weights, "batch_stats": everything["running"]}, x, True, mutable="batch_stats"
        )
        return mse(out, y), updated["batch_stats"]

    (_, running), grads = jax.value_and_grad(loss_fn, has_aux=True)(everything["weights"])
    updates, memory = tx.update(grads, memory)
    return {"weights": optax.apply_updates(everything["weights"], updates), "running": running}


def solve(seed, x_batch, y_batch, lr):
    made = MODEL.init(jax.random.PRNGKey(int(seed)), x_batch, False)
    everything = step({"weights": made["params"], "running": made["batch_stats"]}, x_batch, y_batch, lr)
    out = MODEL.apply({"params": everything["weights"], "batch_stats": everything["running"]}, x_batch, False)
    return mse(out, y_batch)[None]
