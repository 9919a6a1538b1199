"""The running statistics were moved twice in one step

## What happens

An extra pass in train mode, before the one that is differentiated, also writes statistics, and both
updates are kept.

## Why it happens

A pass in train mode looks like reading, for instance to print a prediction or to try out shapes,
but with BatchNorm each such pass is a step of the running average.

## How it shows

On the statement's example it returns 3.11015 where 3.18114 is right. The statistics are 0.81 old
and 0.19 new, where one step makes them 0.9 old and 0.1 new.

## A question to think about

How many times does your code call the model in train mode for this one batch, and what does each
call leave behind?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- flax, `flax.linen.BatchNorm`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/layers.html#flax.linen.BatchNorm
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "stats-updated-twice",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "extra-training-pass",
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
    params, batch_stats = variables["params"], variables["batch_stats"]
    tx = optax.sgd(lr)
    opt_state = tx.init(params)

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return mse(out, y_batch), updated["batch_stats"]

    _, warm = model.apply(variables, x_batch, train=True, mutable=["batch_stats"])  # the mistake
    batch_stats = warm["batch_stats"]
    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
