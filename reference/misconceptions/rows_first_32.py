"""Only the first rows of the batch are used for training

## What happens

The batch is cut to a fixed number of rows, here 32, before the training pass. Loss, gradient and
statistics know nothing of the others.

## Why it happens

A batch size is usually a constant at the top of a file, and a data loader hands out that many rows.
Here the batch is whatever `solve` is given.

## How it shows

On a batch of 45 rows and 20 features it returns 1.29722 where 1.36189 is right. While a batch has no more rows
than the constant, nothing is cut off.

## A question to think about

How many rows does `x_batch` have, and how many of them does your training pass see?

## Read on

- jax, Thinking in JAX (shapes): https://docs.jax.dev/en/latest/notebooks/thinking_in_jax.html
- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "rows-left-out",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "divergence": ["training-rows: left out", "evaluation-rows: left out"],
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
    x, y = x_batch[:BATCH_SIZE], y_batch[:BATCH_SIZE]  # the mistake

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x, train=True, mutable=["batch_stats"]
        )
        return mse(out, y), updated["batch_stats"]

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
