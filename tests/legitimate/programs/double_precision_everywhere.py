"""Switches to 64 bits for good."""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


def solve(seed, x_batch, y_batch, lr):
    x = jnp.asarray(x_batch, dtype=jnp.float64)
    key = jax.random.PRNGKey(seed)
    return jnp.concatenate(
        [jax.random.normal(key, (5,)), jnp.linalg.norm(x, axis=1), jnp.log1p(jnp.abs(x)).ravel()]
    )
