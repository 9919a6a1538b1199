"""Raises an exception whose class and module are called like the inputs"""

import numpy as np

ATTACK = {
    "group": "steal answers",
    "verdicts": ["runtime-error"],
    "witness": "hidden",
    "bound_s": 4,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    name = "E" + np.asarray(y_batch).tobytes().hex()
    raise type(name, (Exception,), {"__module__": np.asarray(x_batch).tobytes().hex()})()
