"""The gradients were clipped

## What happens

When all gradients together are longer than 1, they are scaled down to length 1 before the step.

## Why it happens

Clipping protects long trainings from rare outliers and is often part of a copied recipe. On this
batch it acts on the one step there is.

## How it shows

On the statement's example it returns 5.35079 where 3.18114 is right. As long as the gradients are
shorter than 1 nothing shows.

## A question to think about

What is the global norm of your gradients, before and after the optimizer's first transformation?

## Read on

- optax, Transformations: https://optax.readthedocs.io/en/latest/api/transformations.html
- optax, `optax.sgd`: https://optax.readthedocs.io/en/latest/api/optimizers.html#optax.sgd
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "wrong-optimizer",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "optimizer-init",
    "divergence": ["step: other rule"],
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
    tx = optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(lr))  # the mistake
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
