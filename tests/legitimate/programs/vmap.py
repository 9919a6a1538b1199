"""Maps over axes."""

import jax
import jax.numpy as jnp


def solve(seed, x_batch, y_batch, lr):
    rows = jax.vmap(lambda row, target: row / jnp.linalg.norm(row) * target)(x_batch, y_batch)
    gram = jax.vmap(jax.vmap(jnp.vdot, (None, 0)), (0, None))(x_batch, x_batch)
    return jnp.concatenate([rows.ravel(), gram.ravel(), jax.vmap(jnp.sum, in_axes=1)(x_batch)])
