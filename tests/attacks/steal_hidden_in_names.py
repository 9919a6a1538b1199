"""Returns an object whose type is called like the inputs"""

import numpy as np

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "hidden",
    "bound_s": 4,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    name = np.asarray(y_batch).tobytes().hex()
    return type(name, (), {"__repr__": lambda self: name})()
