"""The step went uphill

## What happens

The parameters were moved along the gradient, so the training loss rises.

## Why it happens

The gradient points to where the loss grows. Optimizers of optax hand out updates with the sign
already turned, and a sign turned twice, or never, shows as training that gets worse.

## How it shows

On the statement's example it returns 8.42518 where 3.18114 is right.

## A question to think about

Compute the training loss before and after your step with a small lr. Which is larger?

## Read on

- optax, `optax.sgd`: https://optax.readthedocs.io/en/latest/api/optimizers.html#optax.sgd
- optax, Getting started: https://optax.readthedocs.io/en/latest/getting_started.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp

MISCONCEPTION = {
    "code": "gradient-ascent",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "apply-updates",
    "divergence": ["step: scaled by -1"],
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

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return mse(out, y_batch), updated["batch_stats"]

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    params = jax.tree.map(lambda value, slope: value + lr * slope, params, grads)  # the mistake
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
