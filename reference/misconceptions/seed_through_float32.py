"""The seed lost digits on its way

## What happens

The seed passes through a jax array, which holds 24 binary digits by default, so large seeds come
out as their neighbours.

## Why it happens

A Python float has 53 binary digits, a jax float 24. Small integers survive both, and one tries
small integers.

## How it shows

On the statement's example, with seed = 16777217.0, it returns 5.32032 where 2.47225 is right. Seeds
below 16777216 survive, fractions aside.

## A question to think about

What is `float(jnp.asarray(16777217.0))`?

## Read on

- jax, Common gotchas: https://docs.jax.dev/en/latest/notebooks/Common_Gotchas_in_JAX.html
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
    "divergence": ["key: changed"],
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
    whole = int(jnp.asarray(seed))  # the mistake
    variables = model.init(jax.random.PRNGKey(whole), x_batch, train=False)
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
