"""Only the first features are used

## What happens

The columns of the batch are cut to a fixed number, here 16, and the model never sees the others.

## Why it happens

A number of features is easily taken from the first data that one tries, and written down as a
constant.

## How it shows

On a batch of 45 rows and 20 features it returns 1.21702 where 1.36189 is right. With at most 16 features nothing
is cut off.

## A question to think about

What is the shape of the first kernel when the batch has 20 features?

## Read on

- jax, Thinking in JAX (shapes): https://docs.jax.dev/en/latest/notebooks/thinking_in_jax.html
- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "features-left-out",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "divergence": ["input: left out"],
}

FEATURES = 16


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
    x_batch = x_batch[:, :FEATURES]  # the mistake
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
