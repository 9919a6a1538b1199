"""The statistics were measured on a dummy batch

## What happens

The running statistics are updated by a pass over a batch of ones, the kind of array that is
otherwise used to initialise shapes.

## Why it happens

For parameters the values of the first batch do not matter, only its shape. Statistics are
different: they are nothing but a summary of the values.

## How it shows

On the statement's example it returns 4.92294 where 3.18114 is right. All rows of the dummy batch
are equal, so its variance is 0 and the running variance shrinks.

## A question to think about

Which numbers went into the mean that is stored now? Are they rows of the batch that you were given?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- flax, `Module.init`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/module.html#flax.linen.Module.init
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "stats-from-other-batch",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "extra-training-pass",
    "divergence": ["training-rows: added"],
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
    _, updated = model.apply(
        variables, jnp.ones_like(x_batch), train=True, mutable=["batch_stats"]
    )  # the mistake
    new_stats = updated["batch_stats"]
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
