"""Training ran in evaluation mode, and evaluation in train mode

## What happens

The two modes are exchanged: running statistics while training, the batch's own while evaluating.

## Why it happens

`train` here and `use_running_average` in the layer mean opposite things, and one negation too many
or too few swaps the modes.

## How it shows

On the statement's example it returns 51.1991 where 3.18114 is right. The evaluation asks to write
statistics, which is a hint: an evaluation has nothing to write.

## A question to think about

In which of your two calls does BatchNorm try to change `batch_stats`? In which should it?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- flax, `flax.linen.BatchNorm`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/layers.html#flax.linen.BatchNorm
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "train-in-eval-mode",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "same_numbers_as": ["model_flag_inverted"],
    "evidence": "initialised-in-evaluation-mode",
    "blame": "differentiated-pass",
    "divergence": ["training-mode: evaluating"],
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
            {"params": params, "batch_stats": batch_stats}, x_batch, train=False, mutable=["batch_stats"]
        )  # the mistake
        return mse(out, y_batch), updated["batch_stats"]

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    out, _ = model.apply(
        {"params": params, "batch_stats": new_stats}, x_batch, train=True, mutable=["batch_stats"]
    )  # the mistake
    return mse(out, y_batch).reshape(1)
