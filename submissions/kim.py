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


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    state = TrainState.create(
        apply_fn=model.apply,
        params=model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False),
        tx=optax.sgd(lr),
    )

    def loss_fn(params):
        out, updated = state.apply_fn(params, x_batch, train=True, mutable=["batch_stats"])
        return optax.squared_error(out.reshape(-1), y_batch).mean(), updated

    (_, updated), grads = jax.value_and_grad(loss_fn, has_aux=True)(state.params)
    state = state.apply_gradients(grads=grads)
    state = state.replace(params={**state.params, **updated})

    out = state.apply_fn(state.params, x_batch, train=False)
    return jnp.atleast_1d(optax.squared_error(out.reshape(-1), y_batch).mean())
