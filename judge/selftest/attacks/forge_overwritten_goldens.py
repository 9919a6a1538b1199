"""Looks for arrays of the answer's shape in all of memory and overwrites them"""

import gc

import numpy as np

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["wrong-answer"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


def arrays():
    for thing in gc.get_objects():
        for part in gc.get_referents(thing):
            if type(part) is np.ndarray and part.shape == (2,) and part.dtype == np.float64:
                yield part


def solve(seed, x_batch, y_batch, lr):
    for array in arrays():
        try:
            array.setflags(write=True)
            array[...] = 0.0
        except ValueError:
            continue
    return [0.0, 0.0]
