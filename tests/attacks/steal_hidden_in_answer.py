"""Returns the inputs, to see them in the comparison"""

import numpy as np

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "hidden",
    "bound_s": 4,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    return np.asarray(y_batch, dtype=np.float64)[:2]
