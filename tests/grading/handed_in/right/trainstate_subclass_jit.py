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


def create_train_state(rng, lr, sample):
    model = MLP()
    variables = model.init(rng, sample, train=False)
    return TrainState.create(
        apply_fn=model.apply,
        params=variables["params"],
        batch_stats=variables["batch_stats"],
        tx=optax.sgd(lr),
    )


@jax.jit
def train_step(state, x, y):
    def loss_fn(params):
        preds, updates = state.apply_fn(
            {"params": params, "batch_stats": state.batch_stats}, x, train=True, mutable=["batch_stats"]
        )
        loss = jnp.mean((preds.squeeze(-1) - y) ** 2)
        return loss, updates

    (loss, updates), grads = jax.value_and_grad(loss_fn, has_aux=True)(state.params)
    state = state.apply_gradients(grads=grads)
    state = state.replace(batch_stats=updates["batch_stats"])
    return state, loss


@jax.jit
def eval_step(state, x, y):
    preds = state.apply_fn({"params": state.params, "batch_stats": state.batch_stats}, x, train=False)
    return jnp.mean((preds.squeeze(-1) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    state = create_train_state(jax.random.PRNGKey(int(seed)), lr, x_batch)
    state, _ = train_step(state, x_batch, y_batch)
    return eval_step(state, x_batch, y_batch)[None]
