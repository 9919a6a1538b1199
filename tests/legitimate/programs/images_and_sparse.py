"""Resizes images and multiplies sparse matrices, which jax imports late."""

import jax
import jax.numpy as jnp
from jax.experimental import sparse


def solve(seed, x_batch, y_batch, lr):
    resized = jax.image.resize(x_batch, (6, 6), "bilinear")
    matrix = sparse.BCOO.fromdense(jnp.where(x_batch > 0, x_batch, 0.0))
    return jnp.concatenate([resized.ravel(), matrix.T @ jnp.asarray(y_batch)])
