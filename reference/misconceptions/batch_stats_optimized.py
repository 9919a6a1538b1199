"""The running statistics were given to the optimizer to improve

## What happens

The loss is differentiated with respect to every variable, running statistics included, and the
optimizer is asked for an update to all of them.

## Why it happens

It saves taking the dictionary apart. But the running mean and variance are not chosen to lower the
loss: they describe the data, and the training pass itself says what they become.

## How it shows

The number is right: 3.18114 on the statement's example, to the last bit. In train mode the batch's
own statistics are used, so the loss does not depend on the running ones and their gradient is
exactly zero; the mistake is covered up when they are overwritten afterwards. With weight decay,
momentum over several steps, or a pass in evaluation mode, it would drive them away from the data.

## A question to think about

What is the gradient of the training loss with respect to the running mean? What would weight decay
do to a running variance?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- jax, `jax.value_and_grad`: https://docs.jax.dev/en/latest/_autosummary/jax.value_and_grad.html
- optax, Getting started: https://optax.readthedocs.io/en/latest/getting_started.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "batch-stats-optimized",
    "numeric": False,
    "raises": None,
    "pitfall": "batch-stats-optimized",
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
    tx = optax.sgd(lr)
    opt_state = tx.init(variables)  # the mistake

    def loss_fn(variables):
        out, updated = model.apply(variables, x_batch, train=True, mutable=["batch_stats"])
        return mse(out, y_batch), updated["batch_stats"]

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(variables)  # the mistake
    updates, opt_state = tx.update(grads, opt_state, variables)  # the mistake
    variables = optax.apply_updates(variables, updates)
    out = model.apply({"params": variables["params"], "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
