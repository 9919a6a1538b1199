"""Appends to a file that everybody may write"""

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
        os.write(os.open("@CANARY_PATH@", os.O_WRONLY | os.O_APPEND), b"more")
    return [0.0, 0.0]
