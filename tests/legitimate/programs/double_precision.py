"""Computes in 64 bits."""

import jax
import jax.numpy as jnp
import numpy as np


def solve(seed, x_batch, y_batch, lr):
    with jax.enable_x64(True):
        wide = jnp.asarray(x_batch, dtype=jnp.float64)
        first = jax.jit(lambda v: jnp.exp(v).sum(axis=0))(wide)
        assert first.dtype == jnp.float64
    return np.concatenate([np.asarray(first), np.exp(x_batch.astype(np.float64)).sum(axis=1)])
