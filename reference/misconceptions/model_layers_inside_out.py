"""The last layer was created first

## What happens

Written as one nested expression, the layers compute the right function in the right order, but they
are created in another: the output layer is Dense_0 and the hidden one Dense_1.

## Why it happens

Python evaluates the callee before its arguments, so in `f(1)(g(2)(x))` the call `f(1)` comes first.
flax numbers layers as they are created, and the number is part of the name from which the initial
weights are drawn.

## How it shows

On the statement's example it returns 5.1923 where 3.18114 is right.

## A question to think about

Print the shapes in `params`. Which layer is called Dense_0?

## Read on

- flax, `setup` or `nn.compact`: https://flax-linen.readthedocs.io/en/latest/guides/flax_fundamentals/setup_or_nncompact.html
- flax, Randomness and PRNGs: https://flax-linen.readthedocs.io/en/latest/guides/flax_fundamentals/rng_guide.html
- flax, The flax module lifecycle: https://flax-linen.readthedocs.io/en/latest/developer_notes/module_lifecycle.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "model-changed",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "model",
    "divergence": ["model: changed", "weights: changed"],
}


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        norm = nn.BatchNorm(use_running_average=not train, momentum=0.9)
        return nn.Dense(1)(nn.relu(norm(nn.Dense(self.hidden)(x))))  # the mistake


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
    return mse(out, y_batch).reshape(1)
