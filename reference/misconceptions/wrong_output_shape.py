"""A single number was returned where an array of one was asked for

## What happens

The value is right. Its shape is () and not (1,).

## Why it happens

A loss is one number, and `float` or a plain mean gives one number. An array that holds one number
is another object, and code that indexes it needs it.

## How it shows

The value agrees with the right one to the last bit; only its form is refused.

## A question to think about

What do `np.shape(result)` and `result[0]` give?

## Read on

- jax, `jax.numpy.reshape`: https://docs.jax.dev/en/latest/_autosummary/jax.numpy.reshape.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "wrong-output-shape",
    "numeric": False,
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
    return float(mse(out, y_batch))  # the mistake
