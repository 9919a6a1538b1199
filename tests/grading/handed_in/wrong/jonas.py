from typing import Tuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn

Array = jax.Array


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def forward(model: MLP, params: dict, stats: dict, x: Array) -> Tuple[Array, dict]:
    out, mutated = model.apply(
        {"params": params, "batch_stats": stats}, x, train=True, mutable=["batch_stats"]
    )
    return out.squeeze(axis=1), mutated["batch_stats"]


def solve(seed: float, x_batch: np.ndarray, y_batch: np.ndarray, lr: float) -> Array:
    model = MLP()
    init = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=True)
    params: dict = init["params"]
    stats: dict = init["batch_stats"]

    def loss_fn(params: dict, stats: dict) -> Tuple[Array, dict]:
        pred, stats = forward(model, params, stats, x_batch)
        return jnp.mean((pred - y_batch) ** 2), stats

    grad_fn = jax.value_and_grad(loss_fn)
    (_, stats), grads = grad_fn(params, stats)

    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params), params)
    params = optax.apply_updates(params, updates)

    pred = model.apply({"params": params, "batch_stats": stats}, x_batch, train=False)[:, 0]
    return jnp.mean((pred - y_batch) ** 2).reshape(1)
