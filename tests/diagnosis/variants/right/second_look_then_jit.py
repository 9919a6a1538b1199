"""Started on everything for a look, after the real start; the state goes through jit."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from flax.training.train_state import TrainState


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


MODEL = MLP()


def solve(seed, x_batch, y_batch, lr):
    variables = MODEL.init(jax.random.PRNGKey(int(seed)), x_batch, False)
    state = TrainState.create(
        apply_fn=MODEL.apply, params=variables["params"], tx=optax.sgd(lr, momentum=0.9)
    )

    @jax.jit
    def step(state, stats, x, y):
        def loss_fn(params):
            out, updated = state.apply_fn(
                {"params": params, "batch_stats": stats}, x, True, mutable=["batch_stats"]
            )
            return mse(out, y), updated["batch_stats"]

        (_, stats_after), grads = jax.value_and_grad(loss_fn, has_aux=True)(state.params)
        return state.apply_gradients(grads=grads), stats_after

    state, stats = step(state, variables["batch_stats"], x_batch, y_batch)
    return mse(MODEL.apply({"params": state.params, "batch_stats": stats}, x_batch, False), y_batch).reshape(
        1
    )
