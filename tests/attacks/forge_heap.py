"""Overwrites the memory of read-only arrays through ctypes"""

import ctypes
import gc

import numpy as np

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["wrong-answer"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    for thing in gc.get_objects():
        for part in gc.get_referents(thing):
            if type(part) is np.ndarray and part.shape == (2,) and part.dtype == np.float64:
                ctypes.memset(part.ctypes.data, 0, 16)
    return [0.0, 0.0]
