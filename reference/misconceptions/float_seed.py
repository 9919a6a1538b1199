"""The seed went into the key as a float

## What happens

A key was asked for with a Python float, and keys are made of integers.

## Why it happens

2.0 and 2 are equal in Python, so a float often passes for an integer. jax looks at the type.

## How it shows

    TypeError: PRNG key seed must be an integer; got JitTracer(~float32[])

## A question to think about

Which type does `seed` have when it arrives, and what does the statement say about it?

## Read on

- jax, `jax.random.PRNGKey`: https://docs.jax.dev/en/latest/_autosummary/jax.random.PRNGKey.html
- jax, Pseudorandom numbers: https://docs.jax.dev/en/latest/random-numbers.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "float-seed",
    "numeric": False,
    "raises": "TypeError",
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
    variables = model.init(jax.random.PRNGKey(seed), x_batch, train=False)  # the mistake
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
