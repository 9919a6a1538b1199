"""Returns an array with 30 dimensions, and one that is empty and enormous"""

import numpy as np

ATTACK = {
    "group": "protocol",
    "verdicts": ["wrong-answer"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    if seed % 2:
        return np.zeros((1,) * 30)
    return np.zeros((20_000_000, 0, 3))
