"""The running statistics were stepped by the optimizer, and that is all that happened to them

## What happens

All variables, running statistics included, go through the optimizer, and the evaluation uses what
came out of it.

## Why it happens

The code trusts one mechanism to bring everything up to date. But the gradient of the training loss
with respect to the running statistics is zero, so the optimizer leaves them where they started.

## How it shows

On the statement's example it returns 4.4267 where 3.18114 is right. The result is the one of
evaluating with the statistics of initialisation: mean 0 and variance 1.

## A question to think about

After this step, what are the values in `batch_stats`, and which data did they come from?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- jax, `jax.value_and_grad`: https://docs.jax.dev/en/latest/_autosummary/jax.value_and_grad.html
- optax, Getting started: https://optax.readthedocs.io/en/latest/getting_started.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "batch-stats-optimized",
    "numeric": True,
    "raises": None,
    "pitfall": "batch-stats-optimized",
    "same_numbers_as": ["stale_batch_stats"],
}


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
    tx = optax.sgd(lr)
    opt_state = tx.init(variables)  # the mistake

    def loss_fn(variables):
        out, updated = model.apply(variables, x_batch, train=True, mutable=["batch_stats"])
        return mse(out, y_batch), updated["batch_stats"]

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(variables)  # the mistake
    updates, opt_state = tx.update(grads, opt_state, variables)  # the mistake
    variables = optax.apply_updates(variables, updates)
    out = model.apply(variables, x_batch, train=False)  # the mistake
    return mse(out, y_batch).reshape(1)
