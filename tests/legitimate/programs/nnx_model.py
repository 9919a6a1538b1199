"""Trains a model of flax.nnx."""

import jax.numpy as jnp
import optax
from flax import nnx


class Model(nnx.Module):
    def __init__(self, inputs, *, rngs):
        self.hidden = nnx.Linear(inputs, 6, rngs=rngs)
        self.norm = nnx.BatchNorm(6, rngs=rngs)
        self.out = nnx.Linear(6, 1, rngs=rngs)

    def __call__(self, x):
        return self.out(nnx.relu(self.norm(self.hidden(x))))[:, 0]


def solve(seed, x_batch, y_batch, lr):
    model = Model(x_batch.shape[1], rngs=nnx.Rngs(seed))
    optimizer = nnx.Optimizer(model, optax.adamw(lr), wrt=nnx.Param)
    values = []
    for _ in range(2):
        value, gradient = nnx.value_and_grad(lambda m: jnp.mean((m(x_batch) - y_batch) ** 2))(model)
        optimizer.update(model, gradient)
        values.append(value)
    return jnp.stack(values)
