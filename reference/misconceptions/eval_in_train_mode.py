"""The evaluation ran in train mode

## What happens

After the step the model is called in train mode again, so it normalises with the statistics of this
very batch and never looks at the running ones.

## Why it happens

The call from the loss function works, so it gets copied. Nothing fails, as the layer does not know
what the number will be used for.

## How it shows

On the statement's example it returns 2.73339 where 3.18114 is right. The running statistics have no
influence on this number at all: fill them with nonsense and it stays.

## A question to think about

If you changed `batch_stats` to random numbers just before the evaluation, should the answer change?
Does yours?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- flax, `flax.linen.BatchNorm`: https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/layers.html#flax.linen.BatchNorm
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "eval-in-train-mode",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "blame": "last-evaluation",
    "divergence": ["evaluation-mode: training"],
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
    out, _ = model.apply(
        {"params": params, "batch_stats": new_stats}, x_batch, train=True, mutable=["batch_stats"]
    )  # the mistake
    return mse(out, y_batch).reshape(1)
