"""Features and targets of different rows are paired

## What happens

In training a row's prediction is compared with the target of another row. Here the features are reversed
and the targets are not; shuffling both apart from each other, or sorting one of them, does the same.

## Why it happens

Features and targets are two arrays, and only their order says which belong together. An array that is
put in order alone keeps its shape and its numbers, so nothing complains.

## How it shows

On the statement's example it returns 6.78512 where 3.18114 is right. With lr = 0 or N = 1 nothing
shows.

## A question to think about

If you print the first row of the features and the first target right before the loss, do they stand in
the same row of the batch that you were given?

## Read on

- jax, `jax.random.permutation`: https://docs.jax.dev/en/latest/_autosummary/jax.random.permutation.html
- NumPy, `Generator.shuffle`: https://numpy.org/doc/stable/reference/random/generated/numpy.random.Generator.shuffle.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "rows-mispaired",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "divergence": ["training-loss: reordered"],
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
            {"params": params, "batch_stats": batch_stats}, x_batch[::-1], train=True, mutable=["batch_stats"]
        )  # the mistake: the targets are not reversed
        return mse(out, y_batch), updated["batch_stats"]

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
