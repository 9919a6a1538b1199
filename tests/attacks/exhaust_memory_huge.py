"""Asks for 100 GiB at once, and for as much as it gets if it does not get that"""

import numpy as np

ATTACK = {
    "group": "exhaust",
    "verdicts": ["memory-limit"],
    "witness": "memory",
    "bound_s": 24,
    "limits": {"wall_s": 20.0, "total_wall_s": 20.0, "cpu_s": 10.0},
}


def solve(seed, x_batch, y_batch, lr):
    size, kept = 100 << 30, []
    while size > 1 << 20:
        try:
            kept.append(np.ones(size, dtype=np.uint8))
        except MemoryError:
            size //= 2
    raise MemoryError
