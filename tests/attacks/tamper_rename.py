"""Renames a file over another"""

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
        os.rename("@CANARY_DIR@/removable", "@CANARY_PATH@")
    return [0.0, 0.0]
