"""The layers have other names

## What happens

The layers are of the right kind and size, and start from other weights.

## Why it happens

flax gives each layer a random key of its own, and derives it from the layer's name. A new name is a
new key.

## How it shows

On the statement's example it returns 1.45299 where 3.18114 is right.

## A question to think about

Print the first kernel right after `init`, with and without the names. What do the two share?

## Read on

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
        x = nn.Dense(self.hidden, name="fc1")(x)  # the mistake
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1, name="fc2")(x)  # the mistake


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
