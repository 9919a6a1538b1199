"""The answer was rounded

## What happens

The right number, cut to three decimals.

## Why it happens

Rounding is for people who read a number. Whoever computes with it, or compares it, needs all of its
digits.

## How it shows

On the statement's example it returns 3.181 where 3.18114 is right.

## A question to think about

How many digits of a float32 carry information, and how many did you keep?

## Read on

- Python, Floating-point arithmetic: https://docs.python.org/3/tutorial/floatingpoint.html
- Python, `round`: https://docs.python.org/3/library/functions.html#round
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "result-rounded",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "divergence": ["answer: rounded"],
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
    return jnp.array([round(float(mse(out, y_batch)), 3)])  # the mistake
