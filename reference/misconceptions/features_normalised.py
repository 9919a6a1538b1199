"""The features were standardised

## What happens

Each column of `x_batch` was shifted and scaled before the model saw it.

## Why it happens

Standardising inputs is good practice, and BatchNorm does it again one layer later, so in train mode
it can look harmless. The weights that multiply the columns differ, and the running statistics do
too.

## How it shows

On the statement's example it returns 2.57779 where 3.18114 is right.

## A question to think about

If one column were multiplied by 10, would your answer change? Would the given model's?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "features-changed",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "divergence": ["training-features: changed", "input: changed"],
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
    x_batch = (x_batch - x_batch.mean(axis=0)) / (x_batch.std(axis=0) + 1e-8)  # the mistake
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
