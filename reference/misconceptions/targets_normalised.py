"""The targets were standardised

## What happens

The targets were shifted and scaled to mean 0 and standard deviation 1, so the loss measures another
distance in another unit.

## Why it happens

Standardised targets often make training easier. The answer is then an error of the standardised
task.

## How it shows

On the statement's example it returns 1.37577 where 3.18114 is right.

## A question to think about

If all targets were multiplied by 10, what should happen to the answer? What happens to yours?

## Read on

- jax, `jax.numpy.mean`: https://docs.jax.dev/en/latest/_autosummary/jax.numpy.mean.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "targets-changed",
    "numeric": True,
    "raises": None,
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
    y_batch = (y_batch - y_batch.mean()) / (y_batch.std() + 1e-8)  # the mistake
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
