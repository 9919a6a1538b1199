"""The key was split before it was used

## What happens

The initial weights are drawn from a key derived from the seed's key, and not from the key itself.

## Why it happens

Splitting is good practice when several things need random numbers. Here there is one, and the
contract says from which key.

## How it shows

On the statement's example it returns 1.29167 where 3.18114 is right.

## A question to think about

How many keys does your function need, and which one does the statement name?

## Read on

- jax, Pseudorandom numbers: https://docs.jax.dev/en/latest/random-numbers.html
- jax, `jax.random.PRNGKey`: https://docs.jax.dev/en/latest/_autosummary/jax.random.PRNGKey.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "wrong-seed",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "first-init",
    "divergence": ["key: changed", "key: derived"],
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
    key, init_key = jax.random.split(jax.random.PRNGKey(int(seed)))  # the mistake
    variables = model.init(init_key, x_batch, train=False)
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
