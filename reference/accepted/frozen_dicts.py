"""Immutable trees: every dictionary is a FrozenDict, taken apart with `pop` and mended with `copy`.

Unusual: parameters, gradients and statistics are FrozenDicts, as they were in older versions of flax. Right, because
FrozenDict is a pytree with the same leaves, and the optimizer is given the `params` half alone.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from flax.core import freeze, unfreeze


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
    variables = freeze(model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False))
    state, params = variables.pop("params")
    tx = optax.sgd(lr)
    opt_state = tx.init(params)

    def loss_fn(params):
        out, updated = model.apply(
            state.copy({"params": params}), x_batch, train=True, mutable=["batch_stats"]
        )
        return jnp.mean((out.reshape(-1) - y_batch) ** 2), freeze(updated)

    (_, state_after), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    updates, opt_state = tx.update(grads, opt_state, params)
    trained = state_after.copy({"params": optax.apply_updates(params, updates)})
    out = model.apply(unfreeze(trained), x_batch, train=False)
    return jnp.mean((out.reshape(-1) - y_batch) ** 2).reshape(1)
