"""Returns no rows, which agree with anything when they are broadcast"""

import numpy as np

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["wrong-answer"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    return np.zeros((0, 2))
