"""The evaluation takes the mean of means of unequal parts

## What happens

The evaluation goes through the batch in parts of a fixed size, here 32 rows, takes the mean of each,
and then the mean of those. The last part is smaller, and its rows count for more than the others.

## Why it happens

A mean of means is the mean where all parts are equal, and they mostly are while a program is being
written.

## How it shows

On a batch of 45 rows and 20 features it returns 1.1607 where 1.36189 is right. Where all parts have the same
size, nothing changes.

## A question to think about

How much does one row of the last part weigh in your result, and how much one of the first?

## Read on

- jax, Thinking in JAX (shapes): https://docs.jax.dev/en/latest/notebooks/thinking_in_jax.html
- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "loss-not-mean",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "evidence": "step-size-as-given",
    "blame": "returned-loss",
    "divergence": ["training-loss: scaled", "answer: scaled", "evaluation-rows: in parts"],
}

BATCH_SIZE = 32


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
    losses = []
    for start in range(0, len(x_batch), BATCH_SIZE):
        x, y = x_batch[start : start + BATCH_SIZE], y_batch[start : start + BATCH_SIZE]
        losses.append(mse(model.apply({"params": params, "batch_stats": new_stats}, x, train=False), y))
    return jnp.mean(jnp.stack(losses)).reshape(1)  # the mistake
