"""The model reads its flag the wrong way round

## What happens

BatchNorm uses the running statistics while training and the batch's own while evaluating.

## Why it happens

`train` and `use_running_average` mean opposite things. When the flag is passed on as it is, the
first symptom is an error in the evaluation; opening `batch_stats` for writing there silences it.

## How it shows

On the statement's example it returns 51.1991 where 3.18114 is right. Without the opened collection
the evaluation fails: `ModifyScopeVariableError`. That error was the hint.

## A question to think about

In your model, what does BatchNorm do when `train` is True? Why would an evaluation need to write
statistics?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- flax, `flax.linen.BatchNorm`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/layers.html#flax.linen.BatchNorm
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
    "same_numbers_as": ["train_flags_swapped"],
    "evidence": "initialised-in-train-mode",
    "blame": "model",
    "divergence": ["model: changed", "weights: changed"],
}


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=train, momentum=0.9)(x)  # the mistake
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
    out, _ = model.apply(
        {"params": params, "batch_stats": new_stats}, x_batch, train=False, mutable=["batch_stats"]
    )  # the mistake
    return mse(out, y_batch).reshape(1)
