import flax
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
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


def mse(pred, target):
    assert pred.ndim == 2 and pred.shape[1] == 1
    return jnp.mean(jnp.square(pred - target[:, None]))


def solve(seed, x_batch, y_batch, lr):
    net = MLP()
    rest, stats = flax.core.pop(net.init(jax.random.PRNGKey(int(seed)), x_batch, train=True), "batch_stats")
    state = TrainState.create(apply_fn=net.apply, params=rest["params"], tx=optax.sgd(learning_rate=lr))

    def objective(params, stats):
        pred, mutated = state.apply_fn(
            {"params": params, "batch_stats": stats}, x_batch, train=True, mutable="batch_stats"
        )
        return mse(pred, y_batch), mutated["batch_stats"]

    (_, stats), g = jax.value_and_grad(objective, has_aux=True)(state.params, stats)
    state = state.apply_gradients(grads=g)

    final = mse(state.apply_fn({"params": state.params, "batch_stats": stats}, x_batch, train=False), y_batch)
    return np.array([final], dtype=np.float32)
