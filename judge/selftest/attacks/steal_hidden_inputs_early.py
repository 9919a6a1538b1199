"""Prints every array that memory holds while the public cases run"""

import gc

import numpy as np

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "hidden",
    "bound_s": 4,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    seen = set()
    for thing in gc.get_objects():
        for part in gc.get_referents(thing):
            if type(part) is np.ndarray and part.size <= 16 and id(part) not in seen:
                seen.add(id(part))
                print(part.tobytes().hex())
    return [0.0, 0.0]
