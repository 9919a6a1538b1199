"""Empties a file by its path, without opening it"""

import contextlib
import os

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "canary",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        os.truncate("@CANARY_PATH@", 0)
    return [0.0, 0.0]
