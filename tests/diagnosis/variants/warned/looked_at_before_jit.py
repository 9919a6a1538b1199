"""The right start, then a look at another one; the state goes through jit."""

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


MODEL = MLP()


def solve(seed, x_batch, y_batch, lr):
    variables = MODEL.init(jax.random.PRNGKey(int(seed)), x_batch, False)
    tx = optax.sgd(lr)
    opt_state = tx.init(variables["params"])
    print(tx.init(variables))  # <- here

    @jax.jit
    def step(params, stats, opt_state, x, y):
        def loss_fn(params):
            out, updated = MODEL.apply(
                {"params": params, "batch_stats": stats}, x, True, mutable=["batch_stats"]
            )
            return mse(out, y), updated["batch_stats"]

        (_, stats_after), grads = jax.value_and_grad(loss_fn, has_aux=True)(params)
        updates, _ = tx.update(grads, opt_state, params)
        return optax.apply_updates(params, updates), stats_after

    params, stats = step(variables["params"], variables["batch_stats"], opt_state, x_batch, y_batch)
    return mse(MODEL.apply({"params": params, "batch_stats": stats}, x_batch, False), y_batch).reshape(1)
