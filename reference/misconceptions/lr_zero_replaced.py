"""A learning rate of 0 was replaced by a default

## What happens

For lr = 0 the optimizer uses another rate, and the model moves although it should not.

## Why it happens

In Python 0.0 counts as false, so the usual idiom for a missing value swallows a value that is
there.

## How it shows

On the statement's example, with lr = 0.0, it returns 4.98908 where 5.99064 is right. For every
other rate nothing shows.

## A question to think about

What is `bool(0.0)`?

## Read on

- Python, Truth value testing: https://docs.python.org/3/library/stdtypes.html#truth-value-testing
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
    tx = optax.sgd(lr or 0.01)  # the mistake
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
