from __future__ import annotations

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from flax import struct


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


MODEL = MLP()
TX = optax.inject_hyperparams(optax.sgd)(learning_rate=0.0)


@struct.dataclass
class Run:
    params: Any
    batch_stats: Any
    opt_state: Any


@jax.jit
def start(key: jax.Array, x: jax.Array, lr: float) -> Run:
    variables = MODEL.init(key, x, train=True)
    opt_state = TX.init(variables)
    opt_state.hyperparams["learning_rate"] = jnp.asarray(lr, jnp.float32)
    return Run(variables["params"], variables["batch_stats"], opt_state)


@jax.jit
def step(run: Run, x: jax.Array, y: jax.Array) -> Run:
    def loss_fn(params):
        out, new = MODEL.apply(
            {"params": params, "batch_stats": run.batch_stats},
            x,
            train=True,
            mutable=["batch_stats"],
        )
        return jnp.mean((jnp.squeeze(out, axis=1) - y) ** 2), new["batch_stats"]

    (_, batch_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(run.params)
    updates, opt_state = TX.update(grads, run.opt_state, run.params)
    return run.replace(
        params=optax.apply_updates(run.params, updates),
        batch_stats=batch_stats,
        opt_state=opt_state,
    )


@jax.jit
def evaluate(run: Run, x: jax.Array, y: jax.Array) -> jax.Array:
    out = MODEL.apply({"params": run.params, "batch_stats": run.batch_stats}, x, train=False)
    return jnp.mean((jnp.squeeze(out, axis=1) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    run = start(jax.random.PRNGKey(int(seed)), x_batch, lr)
    run = step(run, x_batch, y_batch)
    return evaluate(run, x_batch, y_batch)[None]
