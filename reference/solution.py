"""Textbook solution: one SGD step of an MLP with BatchNorm, then the loss in evaluation mode."""

from __future__ import annotations

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def mean_squared_error(out, y):
    """Mean over the batch; out: float32[N, 1] is flattened first, or it would broadcast against y: float32[N]."""
    return jnp.mean((out.reshape(-1) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    """Loss in evaluation mode after one training step: float32[1].

    seed: Python float, its integer part counts; x_batch: float32[N, D]; y_batch: float32[N]; lr: Python float.
    """
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, batch_stats = variables["params"], variables["batch_stats"]

    # batch_stats are overwritten, never optimised: the optimizer sees params alone.
    tx = optax.sgd(lr)
    opt_state = tx.init(params)

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return mean_squared_error(out, y_batch), updated["batch_stats"]

    (_, new_batch_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, _ = tx.update(grads, opt_state, params)
    new_params = optax.apply_updates(params, updates)

    out = model.apply({"params": new_params, "batch_stats": new_batch_stats}, x_batch, train=False)
    return mean_squared_error(out, y_batch).reshape(1)
