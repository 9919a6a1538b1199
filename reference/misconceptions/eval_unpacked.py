"""The predictions were unpacked as if they were a pair

## What happens

The evaluation returns one array, and it is unpacked into two names: Python takes it apart row by
row.

## Why it happens

The training call returns two values, and its left-hand side was copied. Without an open collection
there is one.

## How it shows

    ValueError: too many values to unpack (expected 2)

With N = 2 there is no error at all: the two rows go to the two names, and a wrong number comes out.

## A question to think about

How many values does `apply` return in each of your two calls, and what decides that?

## Read on

- flax, `Module.apply`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/module.html#flax.linen.Module.apply
- Python, Tuples and sequences: https://docs.python.org/3/tutorial/datastructures.html#tuples-and-sequences
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "eval-unpacked",
    "numeric": True,
    "raises": "ValueError",
    "pitfall": None,
    "blame": "last-evaluation",
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
    out, _ = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)  # the mistake
    return mse(out, y_batch).reshape(1)
