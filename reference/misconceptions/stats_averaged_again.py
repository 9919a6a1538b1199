"""The returned statistics were averaged with the old ones once more

## What happens

The statistics that the training pass returns are blended with the old ones by hand.

## Why it happens

The formula of the running average stands in every textbook, so one writes it down. But what the
pass returns is not the batch's mean and variance: look at what it already contains.

## How it shows

On the statement's example it returns 4.02116 where 3.18114 is right. The statistics keep 0.99 of
the old values, as if the layer's momentum were 0.99.

## A question to think about

Is what the training pass returns the statistics of the batch, or already an average? Compute both
for one hidden unit and compare.

## Read on

- flax, `flax.linen.BatchNorm`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/layers.html#flax.linen.BatchNorm
- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
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
    "same_numbers_as": ["model_momentum_default"],
    "evidence": "usual-momentum",
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
    new_stats = jax.tree.map(lambda old, new: 0.9 * old + 0.1 * new, batch_stats, new_stats)  # the mistake
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
