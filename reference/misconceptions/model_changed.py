"""The hidden layer has another width

## What happens

The network is not the given one: its hidden layer is wider, so there are other initial weights and
another function.

## Why it happens

The model looks like a free choice, and a larger one often fits better. Here it is part of the
contract, like the seed.

## How it shows

On the statement's example it returns 0.910047 where 3.18114 is right.

## A question to think about

Compare the class in your file with the starter, line by line. What differs?

## Read on

- flax, `flax.linen.Dense`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/layers.html#flax.linen.Dense
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
    hidden: int = 32  # the mistake

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
    return mse(out, y_batch).reshape(1)
