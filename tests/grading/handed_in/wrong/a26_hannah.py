import logging
from typing import Any, Dict, Tuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax

log = logging.getLogger(__name__)
Tree = Dict[str, Any]


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)

def get_optimizer(lr: float) -> optax.GradientTransformation:
    return optax.chain(
        optax.clip_by_global_norm(10.0),
        optax.sgd(lr),
    )


def training_pass(model: MLP, params: Tree, stats: Tree, x, y) -> Tuple[Any, Tree, Tree]:
    def loss_fn(p: Tree):
        pred, mutated = model.apply({"params": p, "batch_stats": stats}, x, train=True, mutable=["batch_stats"])
        return jnp.mean((jnp.squeeze(pred, -1) - y) ** 2), mutated["batch_stats"]

    (loss, new_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    return loss, new_stats, grads


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, stats = variables["params"], variables["batch_stats"]

    tx = get_optimizer(lr)
    opt_state = tx.init(params)
    loss, stats, grads = training_pass(model, params, stats, x_batch, y_batch)
    log.debug("train loss %s, grad norm %s", loss, optax.global_norm(grads))
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)

    pred = model.apply({"params": params, "batch_stats": stats}, x_batch, train=False)
    result = jnp.mean((jnp.squeeze(pred, -1) - y_batch) ** 2)
    return np.asarray(result, dtype=np.float32).reshape(1)
