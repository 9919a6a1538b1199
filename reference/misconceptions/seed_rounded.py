"""The seed was rounded to the nearest integer

## What happens

A seed of 3.7 becomes 4, and other weights come out.

## Why it happens

There are several ways from a float to an integer, and they agree on most values that one tries:
0.0, 1.0, 42.0.

## How it shows

On the statement's example it returns 8.40874 where 3.18114 is right. Where the fraction is below
one half nothing shows.

## A question to think about

What do the statement and your code make of a seed of 2.7?

## Read on

- Python, `round`: https://docs.python.org/3/library/functions.html#round
- jax, `jax.random.PRNGKey`: https://docs.jax.dev/en/latest/_autosummary/jax.random.PRNGKey.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "wrong-seed",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "first-init",
    "divergence": ["key: changed", "key: rounded"],
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
    variables = model.init(jax.random.PRNGKey(round(seed)), x_batch, train=False)  # the mistake
    params, batch_stats = variables["params"], variables["batch_stats"]
    tx = optax.sgd(lr)
    opt_state = tx.init(params)

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return mse(out, y_batch), updated["batch_stats"]

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
