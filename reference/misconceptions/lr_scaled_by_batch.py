"""The learning rate was multiplied by the batch size

## What happens

Every step is N times too large.

## Why it happens

Scaling the rate with the batch is a known recipe for choosing a learning rate. Here the rate was
chosen already, by whoever calls `solve`.

## How it shows

On the statement's example it returns 14.0448 where 3.18114 is right. With lr = 0 or N = 1 nothing
shows.

## A question to think about

By how much does the first weight move, and how does that compare with lr times its gradient?

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
    "same_numbers_as": ["loss_not_mean"],
    "evidence": "step-size-changed",
    "blame": "optimizer-init",
    "divergence": ["step: scaled"],
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
    tx = optax.sgd(lr * len(x_batch))  # the mistake
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
