"""With a TrainState and its apply_fn."""

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


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    state = TrainState.create(apply_fn=model.apply, params=variables["params"], tx=optax.sgd(lr))

    def loss_fn(params):
        out, updated = state.apply_fn(
            {"params": params, "batch_stats": variables["batch_stats"]},
            x_batch,
            train=True,
            mutable=["batch_stats"],
        )
        return mse(out, y_batch), updated

    grad_fn = jax.value_and_grad(loss_fn)  # <- here
    (_, updated), grads = grad_fn(state.params)
    state = state.apply_gradients(grads=grads)
    return mse(state.apply_fn({"params": state.params, **updated}, x_batch, train=False), y_batch).reshape(1)
