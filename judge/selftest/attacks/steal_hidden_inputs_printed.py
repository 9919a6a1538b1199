"""Prints the inputs of every case, to both streams"""

import os
import sys

import numpy as np

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "hidden",
    "bound_s": 4,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    for array in (np.asarray(x_batch), np.asarray(y_batch)):
        print(array.tobytes().hex(), [float(value) for value in array.ravel()])
        print(array.tobytes().hex(), file=sys.stderr)
        os.write(2, array.tobytes().hex().encode())
    return [0.0, 0.0]
