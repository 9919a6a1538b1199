"""The statistics have an optimizer of their own."""

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


def mse(out, y):
    return jnp.mean((out.reshape(-1) - y) ** 2)


def solve(seed, x_batch, y_batch, lr):
    model = MLP()
    variables = model.init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    params, batch_stats = variables["params"], variables["batch_stats"]
    tx, tx_stats = optax.sgd(lr), optax.sgd(lr)
    opt_state, stats_state = tx.init(params), tx_stats.init(batch_stats)

    def loss_fn(params, stats):
        out, updated = model.apply(
            {"params": params, "batch_stats": stats}, x_batch, train=True, mutable=["batch_stats"]
        )
        return mse(out, y_batch), updated["batch_stats"]

    (_, new_stats), (grads, stats_grads) = jax.value_and_grad(loss_fn, (0, 1), True)(params, batch_stats)
    updates, opt_state = tx.update(grads, opt_state, params)
    params = optax.apply_updates(params, updates)
    stats_updates, stats_state = tx_stats.update(stats_grads, stats_state)  # <- here
    batch_stats = optax.apply_updates(batch_stats, stats_updates)
    out = model.apply({"params": params, "batch_stats": new_stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
