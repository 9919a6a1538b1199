"""apply_fn of a TrainState."""

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
        out = state.apply_fn(  # <- here
            {"params": params, "batch_stats": variables["batch_stats"]},
            x_batch,
            train=True,
        )
        return mse(out, y_batch)

    grads = jax.grad(loss_fn)(state.params)
    state = state.apply_gradients(grads=grads)
    out = state.apply_fn({**variables, "params": state.params}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
