"""Decomposes and solves, in jax and in numpy."""

import jax.numpy as jnp
import jax.scipy.linalg
import numpy as np


def solve(seed, x_batch, y_batch, lr):
    square = x_batch.T @ x_batch + 5 * np.eye(x_batch.shape[1], dtype=np.float32)
    q, r = jnp.linalg.qr(square)
    parts = [
        jnp.linalg.svd(square)[1],
        jnp.linalg.solve(square, jnp.ones(len(square))),
        jnp.linalg.cholesky(square).ravel(),
        jnp.linalg.eigh(square)[0],
        (q @ r).ravel(),
        jnp.linalg.slogdet(square)[1][None],
        jax.scipy.linalg.expm(square / 10).ravel(),
        jnp.linalg.lstsq(x_batch, y_batch)[0],
        np.linalg.inv(square).ravel(),
        np.linalg.eigvals(square).real,
        np.linalg.pinv(x_batch).ravel(),
    ]
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in parts])
