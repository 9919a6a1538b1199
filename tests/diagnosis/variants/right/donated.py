"""Arrays are donated to the compiled step after probes looked at them."""

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


def step(params, batch_stats, x, y, lr):
    def loss_fn(params):
        variables = {"params": params, "batch_stats": batch_stats}
        out, updated = MLP().apply(variables, x, train=True, mutable=["batch_stats"])
        return mse(out, y), updated["batch_stats"]

    (_, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
    tx = optax.sgd(lr)
    updates, _ = tx.update(grads, tx.init(params))
    return optax.apply_updates(params, updates), stats


def solve(seed, x_batch, y_batch, lr):
    variables = MLP().init(jax.random.PRNGKey(int(seed)), x_batch, train=False)
    donating = jax.jit(step, donate_argnums=(0, 1))
    params, stats = donating(variables["params"], variables["batch_stats"], x_batch, y_batch, lr)
    out = MLP().apply({"params": params, "batch_stats": stats}, x_batch, train=False)
    return mse(out, y_batch).reshape(1)
