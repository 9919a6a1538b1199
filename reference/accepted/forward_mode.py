"""Forward-mode differentiation with `jax.jacfwd`, over the parameters as one flat vector.

Unusual: one forward pass per parameter, and the optimizer sees a vector in place of a tree. Right, because forward and
reverse mode compute the same derivative, and SGD treats each number by itself, however the numbers are arranged.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from jax.flatten_util import ravel_pytree


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
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    vector, rebuild = ravel_pytree(variables["params"])

    def loss_fn(vector):
        out, updated = model.apply(
            {**variables, "params": rebuild(vector)}, x_batch, train=True, mutable=["batch_stats"]
        )
        return jnp.mean((out.reshape(-1) - y_batch) ** 2), updated["batch_stats"]

    slope, batch_stats = jax.jacfwd(loss_fn, has_aux=True)(vector)
    tx = optax.sgd(lr)
    step, _ = tx.update(slope, tx.init(vector))
    params = rebuild(optax.apply_updates(vector, step))
    out = model.apply({"params": params, "batch_stats": batch_stats}, x_batch, train=False)
    return jnp.mean((out.reshape(-1) - y_batch) ** 2).reshape(1)
