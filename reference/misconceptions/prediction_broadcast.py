"""Predictions of shape (N, 1) met targets of shape (N,)

## What happens

The difference of an (N, 1) and an (N,) array is an (N, N) array: every prediction is compared with
every target, while training and while evaluating.

## Why it happens

Broadcasting stretches the column and the row until they fit, without a word. The mean of N times N
numbers is still one number.

## How it shows

On the statement's example it returns 3.5937 where 3.18114 is right. With N = 1 nothing shows.

## A question to think about

What is the shape of the difference, and how many numbers should be averaged?

## Read on

- NumPy, Broadcasting: https://numpy.org/doc/stable/user/basics.broadcasting.html
- jax, `jax.numpy.reshape`: https://docs.jax.dev/en/latest/_autosummary/jax.numpy.reshape.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "prediction-broadcast",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "returned-loss",
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
    return jnp.mean((out - y) ** 2)  # the mistake


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
    return mse(out, y_batch).reshape(1)
