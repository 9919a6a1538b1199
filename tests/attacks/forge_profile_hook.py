"""Sees every call through a profiler, and makes what its answer is compared with equal to the answer"""

import sys

import numpy as np

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["wrong-answer"],
    "witness": "points",
    "bound_s": 5,
    "control": "naive",
}
ANSWER = [0.25, 0.5]


def look(frame, event, argument):
    place = frame
    while place is not None:
        for value in list(place.f_locals.values()):
            if isinstance(value, np.ndarray) and value.shape == (2,) and value.dtype == np.float64:
                value.setflags(write=True)
                value[:] = ANSWER
        place = place.f_back


def solve(seed, x_batch, y_batch, lr):
    sys.setprofile(look)
    return list(ANSWER)
