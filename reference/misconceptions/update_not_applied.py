"""The evaluation uses the parameters from before the step

## What happens

The model is evaluated with the initial parameters and the new statistics: what the step made of the
parameters does not reach the evaluation.

## Why it happens

In other frameworks `step()` changes the parameters in place. In jax arrays never change, and a
function whose result is not bound to a name has done nothing.

## How it shows

On the statement's example it returns 5.99064 where 3.18114 is right. The answer does not depend on
lr at all.

## A question to think about

Which object holds the parameters after the step, and which name refers to it?

## Read on

- optax, `optax.apply_updates`: https://optax.readthedocs.io/en/latest/api/apply_updates.html
- optax, Getting started: https://optax.readthedocs.io/en/latest/getting_started.html
- jax, Stateful computations: https://docs.jax.dev/en/latest/stateful-computations.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "update-not-applied",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "evidence": "updates-not-zero",
    "blame": "second-init",
    "divergence": ["step: not applied"],
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
    optax.apply_updates(params, updates)  # the mistake
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
