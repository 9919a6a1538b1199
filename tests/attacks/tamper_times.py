"""Changes when a file was last written"""

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
        os.utime("@CANARY_PATH@", (1, 1))
    with contextlib.suppress(OSError):
        os.utime("@CANARY_PATH@")
    return [0.0, 0.0]
