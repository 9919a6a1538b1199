"""The batch is split, and each part is a step

## What happens

The batch is cut into parts of a fixed size, here 32 rows, and every part gets a step of its own:
parameters and statistics move several times.

## Why it happens

That is what an epoch looks like in most tutorials: a loop over mini-batches. The exercise asks for
one step on one batch.

## How it shows

On a batch of 45 rows and 20 features it returns 1.17093 where 1.36189 is right. A batch of at most 32 rows is one
part and so one step.

## A question to think about

How often does your optimizer make updates when the batch has 45 rows?

## Read on

- optax, Getting started: https://optax.readthedocs.io/en/latest/getting_started.html
- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "extra-step",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "apply-updates",
    "divergence": ["step: repeated", "training-rows: repeated"],
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

    for start in range(0, len(x_batch), BATCH_SIZE):  # the mistake
        x, y = x_batch[start : start + BATCH_SIZE], y_batch[start : start + BATCH_SIZE]
        (loss, batch_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params, batch_stats, x, y)
        updates, opt_state = tx.update(grads, opt_state, params)
        params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": batch_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
