"""Sorts, searches and groups."""

import jax
import jax.numpy as jnp
import numpy as np


def solve(seed, x_batch, y_batch, lr):
    flat = jnp.ravel(x_batch)
    parts = [
        jnp.sort(flat),
        jnp.argsort(flat),
        jax.lax.top_k(flat, 5)[0],
        jnp.unique(jnp.round(flat), size=8, fill_value=0.0),
        jax.ops.segment_sum(y_batch, jnp.arange(len(y_batch)) % 3, 3),
        jnp.searchsorted(jnp.sort(flat), y_batch),
        np.partition(np.asarray(flat), 4),
        np.median(x_batch, axis=0),
    ]
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in parts])
