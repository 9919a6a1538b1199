"""The model was called without its flag

## What happens

The model's call takes the input and a flag, and the flag was left out.

## Why it happens

`init` and `apply` pass on whatever they are given to the model's own call; they know of no flag and
supply none.

## How it shows

    TypeError: MLP.__call__() missing 1 required positional argument: 'train'

## A question to think about

Which arguments does the model's `__call__` take, and who hands them over?

## Read on

- flax, `Module.init`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/module.html#flax.linen.Module.init
- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "missing-train-flag",
    "numeric": False,
    "raises": "TypeError",
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
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch)  # the mistake
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
