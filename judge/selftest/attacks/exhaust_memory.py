"""Writes to more and more memory through numpy"""

import numpy as np

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
        kept.append(np.ones(4 << 20))
