"""One loss for each example was returned

## What happens

The squared errors were returned one by one, shape (N,), without taking their mean.

## Why it happens

The mean is part of the training loss, where jax insists on a single number. In the evaluation
nobody insists.

## How it shows

With N = 1 it is the right answer, which makes it easy to miss when trying with one row. Otherwise
the shape is refused.

## A question to think about

How many numbers does your function return for a batch of 8 rows?

## Read on

- jax, `jax.numpy.mean`: https://docs.jax.dev/en/latest/_autosummary/jax.numpy.mean.html
- optax, Losses: https://optax.readthedocs.io/en/latest/api/losses.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "wrong-output-shape",
    "numeric": False,
    "raises": None,
    "pitfall": None,
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

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return (out.reshape(-1) - y_batch) ** 2  # the mistake
