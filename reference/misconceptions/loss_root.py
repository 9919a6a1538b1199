"""The root of the mean squared error was returned

## What happens

The step is right, and a square root is taken at the end.

## Why it happens

The root has the unit of the targets and is often what gets reported, so it slips in out of habit.

## How it shows

On the statement's example it returns 1.78358 where 3.18114 is right. The square of the returned
number is the right answer.

## A question to think about

In which unit is your answer: that of the targets, or its square?

## Read on

- optax, Losses: https://optax.readthedocs.io/en/latest/api/losses.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "loss-not-mean",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "evidence": "step-size-as-given",
    "blame": "returned-loss",
    "divergence": ["training-loss: scaled", "answer: scaled"],
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
    return jnp.sqrt(mse(out, y_batch)).reshape(1)  # the mistake
