import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax

class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)

N_FEATURES = 32


class Step:
    """Callable that owns the model and does train + eval."""

    def __init__(self, model=None):
        self.model = model if model is not None else MLP()

    def _prepare(self, x):
        return jnp.asarray(x)[:, :N_FEATURES]

    def _init(self, seed, x):
        key = jax.random.PRNGKey(round(seed))
        v = self.model.init(key, x, train=False)
        return v["params"], v["batch_stats"]

    def _loss(self, params, stats, x, y):
        out, mut = self.model.apply(
            {"params": params, "batch_stats": stats}, x, train=True, mutable=["batch_stats"]
        )
        return jnp.mean((out - y) ** 2), mut["batch_stats"]

    def __call__(self, seed, x, y, lr):
        x = self._prepare(x)
        y = jnp.expand_dims(y, -1)
        params, stats = self._init(seed, x)
        (_, stats), grads = jax.value_and_grad(self._loss, has_aux=True)(params, stats, x, y)
        tx = optax.sgd(lr)
        updates, _ = tx.update(grads, tx.init(params), params)
        params = optax.apply_updates(params, updates)
        out = self.model.apply({"params": params, "batch_stats": stats}, x, train=False)
        return jnp.mean((out - y) ** 2)[None]


_step = Step()


def solve(seed, x_batch, y_batch, lr):
    return _step(seed, x_batch, y_batch, lr)
