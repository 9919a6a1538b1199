"""The model was applied without its statistics

## What happens

The evaluation was given parameters and no running statistics, and in evaluation mode BatchNorm has
nothing to normalise with.

## Why it happens

Parameters alone are enough for most layers. BatchNorm needs a second collection, and nobody keeps
it but you.

## How it shows

    ScopeCollectionNotFound: Tried to access "mean" from collection "batch_stats" in "/BatchNorm_0"
    but the collection is empty.

## A question to think about

Which collections did `init` return, and which of them does your call hand over?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- flax, `Module.apply`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/module.html#flax.linen.Module.apply
- flax, Errors: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.errors.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "missing-batch-stats",
    "numeric": False,
    "raises": "ScopeCollectionNotFound",
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
    out = model.apply({"params": params}, x_batch, train=False)  # the mistake
    return mse(out, y_batch).reshape(1)
