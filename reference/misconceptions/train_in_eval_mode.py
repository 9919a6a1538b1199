"""The training pass ran in evaluation mode

## What happens

The differentiated pass normalises with the running statistics, mean 0 and variance 1, and leaves
them as they are.

## Why it happens

With evaluation mode the call needs no care for state, and the loss still goes down. But BatchNorm
then normalises nothing, and the gradient is that of another function.

## How it shows

On the statement's example it returns 13190.2 where 3.18114 is right. The collection that comes back
holds the old values: a training pass that changes no statistics.

## A question to think about

Compare `batch_stats` before and after your training pass. What should have happened to them?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- flax, `flax.linen.BatchNorm`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/layers.html#flax.linen.BatchNorm
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "train-in-eval-mode",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "differentiated-pass",
    "divergence": ["training-mode: evaluating"],
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
            {"params": params, "batch_stats": batch_stats}, x_batch, train=False, mutable=["batch_stats"]
        )  # the mistake
        return mse(out, y_batch), updated["batch_stats"]

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
