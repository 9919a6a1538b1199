"""Returns whatever array of the answer's shape all of memory holds, one for each call"""

import gc

import numpy as np

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


calls = []


def solve(seed, x_batch, y_batch, lr):
    calls.append(1)
    found = {}
    for thing in gc.get_objects():
        if isinstance(thing, (list, tuple, dict)) or hasattr(thing, "__dict__"):
            for part in gc.get_referents(thing):
                if type(part) is np.ndarray and part.shape == (2,) and part.dtype == np.float64:
                    found[part.tobytes()] = part
    order = sorted(found.values(), key=lambda array: abs(float(array[1]) - seed))
    return order[0].copy() if order else [0.0, 0.0]
