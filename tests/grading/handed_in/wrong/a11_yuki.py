import dataclasses
import math

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax

@dataclasses.dataclass(frozen=True)
class Config:
    micro_batch: int = 16
    collection: str = "batch_stats"


CFG = Config()


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)

def to_micro_batches(a, cfg=CFG):
    """(N, ...) -> (steps, micro_batch, ...)"""
    n = a.shape[0]
    size = min(cfg.micro_batch, n)
    steps = max(1, math.floor(n / size))
    return a[: steps * size].reshape((steps, size) + a.shape[1:])


def flatten(a):
    return a.reshape((-1,) + a.shape[2:])


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    v = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    xs, ys = to_micro_batches(x_batch), to_micro_batches(y_batch)

    def loss_fn(params):
        # statistics over the complete batch, losses per micro batch
        pred, upd = model.apply(
            {"params": params, CFG.collection: v[CFG.collection]}, flatten(xs), train=True, mutable=[CFG.collection]
        )
        per_step = jnp.mean((pred.reshape(ys.shape) - ys) ** 2, axis=1)
        return jnp.mean(per_step), upd[CFG.collection]

    (_, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(v["params"])
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(v["params"]))
    params = optax.apply_updates(v["params"], updates)

    pred = model.apply({"params": params, CFG.collection: stats}, x_batch, train=False)
    return np.array([np.mean((np.asarray(pred)[:, 0] - y_batch) ** 2)])
