"""Computes in 16 bits and in integers."""

import jax
import jax.numpy as jnp


def solve(seed, x_batch, y_batch, lr):
    half, brain = y_batch.astype(jnp.float16), jnp.asarray(y_batch, dtype=jnp.bfloat16)
    whole = jnp.arange(10, dtype=jnp.int32) ** 2 % 7 << 1
    bits = jax.lax.bitcast_convert_type(jnp.asarray(y_batch), jnp.int32) >> 20
    return jnp.concatenate(
        [jnp.asarray(v, dtype=jnp.float32) for v in (jnp.sin(half), brain * brain, whole, bits)]
    )
