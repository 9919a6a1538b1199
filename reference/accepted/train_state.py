"""flax's TrainState with one more field for the statistics, as in the flax guide to batch norm.

Unusual: no call of optax is in sight, because `TrainState.create` calls `tx.init` and `apply_gradients` calls
`tx.update`. Right, because TrainState hands the optimizer its `params` field alone; `batch_stats` travels beside it
and is replaced in the same call.
"""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from flax.training import train_state


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


class TrainState(train_state.TrainState):
    batch_stats: Any


def mse(predictions, targets):
    return jnp.mean(jnp.square(predictions[:, 0] - targets))


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    state = TrainState.create(
        apply_fn=model.apply,
        params=variables["params"],
        batch_stats=variables["batch_stats"],
        tx=optax.sgd(lr),
    )

    def loss_fn(params):
        predictions, updates = state.apply_fn(
            {"params": params, "batch_stats": state.batch_stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return mse(predictions, y_batch), updates

    (_, updates), grads = jax.value_and_grad(loss_fn, has_aux=True)(state.params)
    state = state.apply_gradients(grads=grads, batch_stats=updates["batch_stats"])
    predictions = state.apply_fn(
        {"params": state.params, "batch_stats": state.batch_stats}, x_batch, train=False
    )
    return jnp.expand_dims(mse(predictions, y_batch), 0)
