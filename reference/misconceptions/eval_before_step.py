"""The evaluation ran before the step

## What happens

The loss in evaluation mode is computed first, with the initial parameters and the initial
statistics, and then the step is made.

## Why it happens

Order on the page is easily lost when variables keep their names. The number is right for the
untrained model.

## How it shows

On the statement's example it returns 17.3371 where 3.18114 is right. The training step has no
influence on the returned number.

## A question to think about

If you deleted the whole training step, would your answer change?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- jax, Stateful computations: https://docs.jax.dev/en/latest/stateful-computations.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "pre-update-loss",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "same_numbers_as": ["reinitialised_before_eval"],
    "evidence": "initialised-once",
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

    before = mse(model.apply(variables, x_batch, train=False), y_batch)  # the mistake
    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return before.reshape(1)
