"""Returns an array of objects that equal everything"""

import numpy as np

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["wrong-answer"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


class Everything:
    def __eq__(self, other):
        return True

    __hash__ = None


def solve(seed, x_batch, y_batch, lr):
    return np.array([Everything(), Everything()], dtype=object)
