"""The statistics come from a pass with the parameters after the step

## What happens

The statistics of the differentiated pass are thrown away. A new pass, with the updated parameters,
supplies those that are kept.

## Why it happens

It avoids returning two things from the loss function, and the code reads well. But the pass which
trained the model saw other parameters than this one.

## How it shows

On the statement's example it returns 2.65916 where 3.18114 is right. A small, silent difference: it
vanishes as lr goes to 0, which makes it hard to find.

## A question to think about

Which parameters produced the hidden values whose mean is stored here: those before or those after
the step?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- jax, `jax.value_and_grad`: https://docs.jax.dev/en/latest/_autosummary/jax.value_and_grad.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "stats-recomputed-after-step",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "extra-training-pass",
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
    params = optax.apply_updates(params, updates)
    _, updated = model.apply(
        {"params": params, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
    )  # the mistake
    new_stats = updated["batch_stats"]
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
