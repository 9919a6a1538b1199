"""Returns arrays that hold nothing in thirty dimensions, or in one of twenty million"""

import numpy as np

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["wrong-answer"],
    "witness": "points",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    if seed % 2:
        return np.zeros((0,) + (1,) * 28 + (2,))
    return np.zeros((0, 20_000_000, 2))
