"""Loops, scans and branches inside compiled programs."""

import jax
import jax.numpy as jnp


def solve(seed, x_batch, y_batch, lr):
    total, running = jax.lax.scan(lambda c, row: (c + row, c.sum()), jnp.zeros(x_batch.shape[1]), x_batch)
    grown = jax.lax.while_loop(lambda c: c.sum() < 100, lambda c: c * 2 + 1, jnp.ones(3))
    counted = jax.lax.fori_loop(0, 17, lambda i, c: c * 0.9 + i, jnp.float32(lr))
    chosen = jax.lax.cond(y_batch.sum() > 0, jnp.sin, jnp.cos, y_batch)
    switched = jax.lax.switch(seed % 3, [jnp.exp, jnp.tanh, jnp.square], y_batch)
    associated = jax.lax.associative_scan(jnp.maximum, y_batch)
    return jnp.concatenate([total, running, grown, counted[None], chosen, switched, associated])
