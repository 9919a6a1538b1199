"""Runs a compiled loop that never ends"""

import jax
import jax.numpy as jnp

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "bound_s": 6,
    "limits": {"wall_s": 1.2, "total_wall_s": 1.5},
}


@jax.jit
def forever(value):
    return jax.lax.while_loop(lambda v: v < jnp.inf, lambda v: v * 0.5 + 1.0, value)


def solve(seed, x_batch, y_batch, lr):
    return forever(jnp.float32(0.0)).block_until_ready()
