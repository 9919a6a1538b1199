"""A second training pass, after the step, moved the statistics once more

## What happens

The statistics returned by the loss function are taken, and after the update a further pass in train
mode moves them again, now with the new parameters.

## Why it happens

It seems right to bring the statistics up to date with the new parameters. But one training step is
one pass: the next batch will do that.

## How it shows

On the statement's example it returns 2.6838 where 3.18114 is right.

## A question to think about

For one step on one batch, how many times should the running average move, and with which
parameters?

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

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    _, again = model.apply(
        {"params": params, "batch_stats": new_stats}, x_batch, train=True, mutable=["batch_stats"]
    )  # the mistake
    new_stats = again["batch_stats"]
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
