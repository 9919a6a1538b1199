"""The parameters of BatchNorm were left out of the step

## What happens

The Dense layers are stepped, and BatchNorm keeps its initial scale and bias.

## Why it happens

BatchNorm has two kinds of numbers: statistics, which are measured, and a scale and bias, which are
learned. Both carry the layer's name, and they are easily taken for one thing.

## How it shows

On the statement's example it returns 3.25042 where 3.18114 is right.

## A question to think about

In which collection do the scale and bias of BatchNorm live, and what gradient do they have?

## Read on

- flax, `flax.linen.BatchNorm`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/layers.html#flax.linen.BatchNorm
- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "update-partly-applied",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "apply-updates",
    "divergence": ["step: partly applied"],
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
    stepped = optax.apply_updates(params, updates)
    params = {**stepped, "BatchNorm_0": params["BatchNorm_0"]}  # the mistake
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
