"""The evaluation uses the statistics from before the training pass

## What happens

After the step the model is evaluated with new parameters and with the running statistics of
initialisation.

## Why it happens

In jax nothing is updated behind your back: the training pass returns new statistics as a value, and
the variable that held the old ones still holds the old ones.

## How it shows

On the statement's example it returns 4.4267 where 3.18114 is right. No error: mean 0 and variance 1
are perfectly usable numbers. The further the hidden units are from mean 0 and variance 1, the
larger the damage.

## A question to think about

Print the running mean that reaches the evaluation. Has it ever seen a row of this batch?

## Read on

- flax, Batch normalization guide: https://flax-linen.readthedocs.io/en/latest/guides/training_techniques/batch_norm.html
- jax, Stateful computations: https://docs.jax.dev/en/latest/stateful-computations.html
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax

MISCONCEPTION = {
    "code": "stale-batch-stats",
    "numeric": True,
    "raises": None,
    "pitfall": None,
    "same_numbers_as": ["batch_stats_optimized_and_kept"],
    "blame": "last-evaluation",
    "divergence": ["statistics: stale"],
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
    out = model.apply({"params": params, "batch_stats": batch_stats}, x_batch, train=False)  # the mistake
    return mse(out, y_batch).reshape(1)
