"""Changes the local variables of whoever calls it"""

import ctypes
import sys

import numpy as np

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["wrong-answer"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    frame = sys._getframe(1)
    while frame is not None:
        values = frame.f_locals
        for name in ("expected", "wanted", "golden"):
            if isinstance(values.get(name), np.ndarray):
                values[name] = np.zeros(2)
                ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
        frame = frame.f_back
    return [0.0, 0.0]
