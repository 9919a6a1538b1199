"""Puts the inputs into an exception's text, arguments and notes"""

import numpy as np

ATTACK = {
    "group": "steal answers",
    "verdicts": ["runtime-error"],
    "witness": "hidden",
    "bound_s": 4,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    error = ValueError(np.asarray(x_batch).tobytes().hex())
    error.add_note(np.asarray(y_batch).tobytes().hex())
    raise error
