"""Fills memory through jax"""

import jax.numpy as jnp

ATTACK = {
    "group": "exhaust",
    "verdicts": ["memory-limit"],
    "witness": "memory",
    "bound_s": 24,
    "limits": {"wall_s": 20.0, "total_wall_s": 20.0, "cpu_s": 10.0},
}


kept = []


def solve(seed, x_batch, y_batch, lr):
    while True:
        kept.append((jnp.zeros(8 << 20) + len(kept)).block_until_ready())
