"""A new-style typed key, and plain Python lists at both ends.

Unusual: `jax.random.key` in place of `PRNGKey`, batches turned to lists and back, and a list of one Python float as the
answer. Right, because both kinds of key carry the same two words for the same seed, a float32 survives the trip through
a Python float unharmed, and a list of one float has the shape (1,).
"""

import math

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


def solve(seed, x_batch, y_batch, lr):
    x, y = jnp.array(x_batch.tolist()), jnp.array(y_batch.tolist())
    model = MLP()
    params, batch_stats = map(
        model.init(jax.random.key(math.trunc(seed)), x, train=False).get, ("params", "batch_stats")
    )

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x, train=True, mutable=["batch_stats"]
        )
        return jnp.vdot(out[:, 0] - y, out[:, 0] - y) / len(y), updated["batch_stats"]

    (_, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params), params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x, train=False)
    errors = [float(a) - float(b) for a, b in zip(out[:, 0], y, strict=True)]
    return [math.fsum(error * error for error in errors) / len(errors)]
