"""`mutable=True` opens every collection, in training and in evaluation.

Unusual: both applies return (out, variables) with everything in it, and the evaluation throws its second half away.
Right, because in training only `batch_stats` is written although more may be, and it alone is taken from what comes
back; in evaluation mode BatchNorm writes nothing.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from flax.core.scope import DenyList


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
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False, mutable=DenyList(()))
    params = variables["params"]

    def loss_fn(params):
        out, everything = model.apply({**variables, "params": params}, x_batch, train=True, mutable=True)
        return jnp.mean((out.reshape(-1) - y_batch) ** 2), everything.pop("batch_stats")

    (_, batch_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params), params)
    params = optax.apply_updates(params, updates)
    out, _ = model.apply(
        {"params": params, "batch_stats": batch_stats}, x_batch, train=False, mutable=DenyList("params")
    )
    return jnp.mean((out.reshape(-1) - y_batch) ** 2).reshape(1)
