"""The step was taken twice

## What happens

Parameters and statistics were moved a second time by the same batch.

## Why it happens

A warm-up call for the compiler, a loop with one round too many, or a cell run twice: whatever is
bound to the old names again becomes part of the training.

## How it shows

On the statement's example it returns 1.72812 where 3.18114 is right.

## A question to think about

How often is the optimizer asked for an update in one call of `solve`?

## Read on

- optax, Getting started: https://optax.readthedocs.io/en/latest/getting_started.html
- jax, Stateful computations: https://docs.jax.dev/en/latest/stateful-computations.html
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

    for _ in range(2):  # the mistake
        (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
        updates, opt_state = tx.update(grads, opt_state, params)
        params = optax.apply_updates(params, updates)
        batch_stats = new_stats
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
