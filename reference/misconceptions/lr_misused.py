"""The learning rate stands in the code

## What happens

The optimizer uses a number of its own, and the argument `lr` is never read.

## Why it happens

A first version is written with a constant, and works; later a parameter is added to the signature
and not to the body.

## How it shows

On the statement's example it returns 5.15965 where 3.18114 is right. Where lr happens to be 0.1
nothing shows.

## A question to think about

Call `solve` twice with two learning rates. Do the answers differ?

## Read on

- optax, `optax.sgd`: https://optax.readthedocs.io/en/latest/api/optimizers.html#optax.sgd
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "lr-misused",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "evidence": "step-size-changed",
    "blame": "optimizer-init",
    "divergence": ["step: scaled", "step: constant"],
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
    tx = optax.sgd(0.1)  # the mistake
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
