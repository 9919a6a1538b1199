"""The optimizer was started on all variables

## What happens

The optimizer's state is built from the whole `variables` dictionary, so it keeps room for
`batch_stats` as if the running mean and variance were weights.

## Why it happens

`model.init` hands back one dictionary with two collections in it, and it is natural to pass on what
one was given. But only one of the two is learned by gradients; the other is measured.

## How it shows

The number is right: 3.18114 on the statement's example, to the last bit. With plain SGD nothing
shows, because its state is empty. With one that keeps something for each array (momentum, Adam)
the state has another shape than the gradients, and the update fails or drags the statistics along.

## A question to think about

Which arrays in `variables` does the gradient have an entry for, and what could an optimizer
remember about the others?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- optax, Getting started: https://optax.readthedocs.io/en/latest/getting_started.html
- jax, Pytrees: https://docs.jax.dev/en/latest/pytrees.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "optimizer-on-variables",
    "numeric": False,
    "raises": None,
    "pitfall": "optimizer-on-variables",
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
    opt_state = tx.init(variables)  # the mistake

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
