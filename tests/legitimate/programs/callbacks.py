"""Calls back into Python from compiled programs."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import io_callback


def solve(seed, x_batch, y_batch, lr):
    seen = []
    shape = jax.ShapeDtypeStruct(y_batch.shape, jnp.float32)

    @jax.jit
    def program(y):
        y = jax.pure_callback(np.sin, shape, y)
        return io_callback(lambda v: (seen.append(float(v[0])), v * 2)[1], shape, y, ordered=True)

    result = program(y_batch)
    result.block_until_ready()
    return np.concatenate([np.asarray(result), seen])
