"""A training loop with `jax.lax.scan`, over a data set of one batch.

Unusual: parameters, statistics and optimizer state are the carry of a loop that runs once. Right, because the carry is
replaced as a whole at the end of the one iteration, so the statistics are overwritten with the parameters.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from jax import lax


class MLP(nn.Module):
    hidden: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        x = nn.Dense(self.hidden)(x)
        x = nn.BatchNorm(use_running_average=not train, momentum=0.9)(x)
        x = nn.relu(x)
        return nn.Dense(1)(x)


def solve(seed, x_batch, y_batch, lr):
    model, tx = MLP(), optax.sgd(lr)
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)

    def loss_fn(params, batch_stats, x, y):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x, train=True, mutable=["batch_stats"]
        )
        return jnp.mean((out.reshape(-1) - y) ** 2), updated["batch_stats"]

    def body(carry, batch):
        params, batch_stats, opt_state = carry
        (loss, batch_stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params, batch_stats, *batch)
        updates, opt_state = tx.update(grads, opt_state, params)
        return (optax.apply_updates(params, updates), batch_stats, opt_state), loss

    start = (variables["params"], variables["batch_stats"], tx.init(variables["params"]))
    data = (jnp.asarray(x_batch)[None], jnp.asarray(y_batch)[None])
    (params, batch_stats, _), _ = lax.scan(body, start, data)
    out = model.apply({"params": params, "batch_stats": batch_stats}, x_batch, train=False)
    return jnp.mean((out.reshape(-1) - y_batch) ** 2).reshape(1)
