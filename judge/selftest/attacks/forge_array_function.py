"""Returns an array whose own comparison functions numpy calls"""

import numpy as np

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["wrong-answer"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


class Agreeable(np.ndarray):
    def __array_function__(self, function, types, arguments, options):
        return True

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return np.zeros(2)


def solve(seed, x_batch, y_batch, lr):
    return np.zeros(2).view(Agreeable)
