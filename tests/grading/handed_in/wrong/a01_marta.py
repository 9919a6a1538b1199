from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax.training import train_state

BATCH_SIZE = 32


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


def create_state(key, x, lr):
    model = MLP()
    variables = model.init(key, x, train=False)
    return TrainState.create(
        apply_fn=model.apply,
        params=variables["params"],
        batch_stats=variables["batch_stats"],
        tx=optax.sgd(lr),
    )


@jax.jit
def train_step(state, x, y):
    def loss_fn(params):
        pred, updates = state.apply_fn(
            {"params": params, "batch_stats": state.batch_stats}, x, train=True, mutable=["batch_stats"]
        )
        return jnp.mean((pred.squeeze(-1) - y) ** 2), updates["batch_stats"]

    (loss, batch_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(state.params)
    state = state.apply_gradients(grads=grads)
    return state.replace(batch_stats=batch_stats), loss


@jax.jit
def eval_step(state, x, y):
    pred = state.apply_fn({"params": state.params, "batch_stats": state.batch_stats}, x, train=False)
    return jnp.mean((pred.squeeze(-1) - y) ** 2)


def train_epoch(state, x, y):
    for start in range(0, x.shape[0], BATCH_SIZE):
        xb = x[start:start + BATCH_SIZE]
        yb = y[start:start + BATCH_SIZE]
        state, _ = train_step(state, xb, yb)
    return state


def solve(seed, x_batch, y_batch, lr):
    state = create_state(jax.random.PRNGKey(int(seed)), x_batch, lr)
    state = train_epoch(state, x_batch, y_batch)
    return np.array([eval_step(state, x_batch, y_batch)])
