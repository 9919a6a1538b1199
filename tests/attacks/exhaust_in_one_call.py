"""Makes one call into numpy that takes very long"""

import numpy as np

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit", "memory-limit"],
    "witness": "time",
    "limits": {"wall_s": 0.6, "total_wall_s": 0.9},
    "bound_s": 6,
}


def solve(seed, x_batch, y_batch, lr):
    matrix = np.arange(9_000_000.0).reshape(3000, 3000) % 7.1
    return np.linalg.svd(matrix)[1][:2]
