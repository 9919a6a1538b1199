"""The gradient is the mean over parts that were normalised by themselves

## What happens

The batch is cut into parts of a fixed size, here 32 rows, and the step follows the mean of their
gradients. BatchNorm saw each part alone, so every part was normalised by its own mean and variance.

## Why it happens

Accumulating gradients is a usual way to save memory, and exact for layers that treat rows one by
one. BatchNorm does not.

## How it shows

On a batch of 45 rows and 20 features it returns 1.25 where 1.36189 is right. A batch of at most 32 rows is one
part.

## A question to think about

Whose mean does BatchNorm subtract in the second part of your batch?

## Read on

- jax, Thinking in JAX (shapes): https://docs.jax.dev/en/latest/notebooks/thinking_in_jax.html
- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "stats-from-other-batch",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "extra-training-pass",
    "divergence": ["training-rows: added"],
}

BATCH_SIZE = 32


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
    params, batch_stats = variables["params"], variables["batch_stats"]
    tx = optax.sgd(lr)
    opt_state = tx.init(params)

    def loss_fn(params, batch_stats, x, y):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x, train=True, mutable=["batch_stats"]
        )
        return mse(out, y), updated["batch_stats"]

    total, parts = jax.tree.map(jnp.zeros_like, params), 0
    for start in range(0, len(x_batch), BATCH_SIZE):  # the mistake
        x, y = x_batch[start : start + BATCH_SIZE], y_batch[start : start + BATCH_SIZE]
        (loss, batch_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params, batch_stats, x, y)
        total, parts = jax.tree.map(jnp.add, total, grads), parts + 1
    grads = jax.tree.map(lambda g: g / parts, total)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": batch_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
