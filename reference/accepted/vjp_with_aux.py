"""`jax.vjp` with has_aux, pulled back from 1.0.

Unusual: reverse mode is spelled out. The loss is linearised, the statistics come back as aux, and the gradient is what
the pullback makes of a cotangent of one. Right, because `jax.grad` is defined that way for a scalar output.
"""

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


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, batch_stats = variables["params"], variables["batch_stats"]

    def loss_fn(params):
        out, updated = model.apply(
            {"params": params, "batch_stats": batch_stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return jnp.mean((out.reshape(-1) - y_batch) ** 2), updated["batch_stats"]

    loss, pullback, new_stats = jax.vjp(loss_fn, params, has_aux=True)
    (grads,) = pullback(jnp.ones_like(loss))
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params), params)
    params = optax.apply_updates(params, updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return jnp.mean((out.reshape(-1) - y_batch) ** 2, keepdims=True)
