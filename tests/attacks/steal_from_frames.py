"""Returns the expected value that it finds in a frame that called it"""

import sys

import numpy as np

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    frame = sys._getframe(1)
    while frame is not None:
        for value in frame.f_locals.values():
            if isinstance(value, np.ndarray) and value.shape == (2,):
                return value.copy()
        frame = frame.f_back
    return [0.0, 0.0]
