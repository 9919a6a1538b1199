"""Multiplies large matrices."""

import jax
import jax.numpy as jnp
import numpy as np


def solve(seed, x_batch, y_batch, lr):
    left = jax.random.normal(jax.random.PRNGKey(seed), (700, 700))
    product = jnp.sum(left @ left.T, axis=0)[:20]
    wide = np.random.default_rng(seed).normal(size=(900, 900))
    return np.concatenate([np.asarray(product, dtype=np.float64), (wide @ wide)[0, :20]])
