"""Returns millions of numbers"""

import numpy as np

ATTACK = {
    "group": "exhaust",
    "verdicts": ["wrong-answer"],
    "witness": "judge-memory",
    "bound_s": 8,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    return np.full(1_000_000, 0.123456789)
