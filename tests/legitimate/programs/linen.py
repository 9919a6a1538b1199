"""Trains a linen module with batch statistics and dropout."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax


class Model(nn.Module):
    @nn.compact
    def __call__(self, x, train):
        x = nn.relu(nn.BatchNorm(use_running_average=not train)(nn.Dense(8)(x)))
        x = nn.Dropout(0.2, deterministic=not train)(x)
        return nn.Dense(1)(nn.LayerNorm()(x))[:, 0]


def solve(seed, x_batch, y_batch, lr):
    key = jax.random.PRNGKey(seed)
    model = Model()
    variables = model.init({"params": key, "dropout": key}, x_batch, train=True)
    params, stats = variables["params"], variables["batch_stats"]
    optimizer = optax.adam(lr)
    state = optimizer.init(params)

    @jax.jit
    def step(params, stats, state, key):
        def loss(params):
            said, new = model.apply(
                {"params": params, "batch_stats": stats},
                x_batch,
                True,
                rngs={"dropout": key},
                mutable=["batch_stats"],
            )
            return jnp.mean((said - y_batch) ** 2), new["batch_stats"]

        (value, stats_), gradient = jax.value_and_grad(loss, has_aux=True)(params)
        updates, state_ = optimizer.update(gradient, state, params)
        return optax.apply_updates(params, updates), stats_, state_, value

    values = []
    for number in range(4):
        params, stats, state, value = step(params, stats, state, jax.random.fold_in(key, number))
        values.append(value)
    return jnp.stack(values)
