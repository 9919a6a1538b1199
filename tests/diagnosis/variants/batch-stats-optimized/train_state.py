"""apply_gradients on a TrainState of all variables."""

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


def mse(out, y):
    return jnp.mean((out.reshape(-1) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    state = train_state.TrainState.create(apply_fn=model.apply, params=variables, tx=optax.sgd(lr))

    def loss_fn(everything):
        out, updated = state.apply_fn(everything, x_batch, train=True, mutable=["batch_stats"])
        return mse(out, y_batch), updated["batch_stats"]

    (_, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(state.params)
    state = state.apply_gradients(grads=grads)  # <- here
    out = state.apply_fn({"params": state.params["params"], "batch_stats": stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
