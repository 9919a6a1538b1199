"""Only the kernels were stepped

## What happens

The two weight matrices move, while biases and the scale of BatchNorm stay where they started.

## Why it happens

A rule for weights only is common for weight decay, and it is easily applied to the step itself. The
contract steps all of `params`.

## How it shows

On the statement's example it returns 3.2248 where 3.18114 is right.

## A question to think about

List the arrays of `params` before and after the step. Which ones are equal, and is their gradient
zero?

## Read on

- jax, Pytrees: https://docs.jax.dev/en/latest/pytrees.html
- optax, `optax.apply_updates`: https://optax.readthedocs.io/en/latest/api/apply_updates.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "update-partly-applied",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "apply-updates",
    "divergence": ["step: partly applied"],
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
    params = jax.tree.map(
        lambda value, change: value + change if value.ndim == 2 else value, params, updates
    )  # the mistake
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
