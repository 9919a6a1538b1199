"""Prints every array that memory holds while the public cases run"""

import gc

import numpy as np

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "hidden",
    "bound_s": 6,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    seen, waiting = set(), gc.get_objects()
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if type(thing) is np.ndarray and thing.size <= 16:
            print(thing.tobytes().hex())
        elif type(thing) in (list, tuple, dict):
            waiting += gc.get_referents(thing)
    return [0.0, 0.0]
