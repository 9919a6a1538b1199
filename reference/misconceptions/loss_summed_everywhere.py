"""The loss is a sum, in training and in the answer

## What happens

Squared errors are added up and not averaged, both in the differentiated loss and in the returned
number.

## Why it happens

A sum and a mean differ by a factor only, so everything seems to work; but the step grows with the
batch and so does the answer.

## How it shows

On the statement's example it returns 56.1793 where 3.18114 is right. With N = 1 nothing shows.

## A question to think about

If the same batch came twice as long, each row repeated, should the answer change? Does yours?

## Read on

- optax, Losses: https://optax.readthedocs.io/en/latest/api/losses.html
- jax, `jax.numpy.mean`: https://docs.jax.dev/en/latest/_autosummary/jax.numpy.mean.html
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
    return jnp.sum((out.reshape(-1) - y) ** 2)  # the mistake


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
