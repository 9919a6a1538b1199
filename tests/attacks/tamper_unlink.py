"""Removes files"""

import contextlib
import os
import shutil

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "canary",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        os.unlink("@CANARY_DIR@/removable")
    shutil.rmtree("@CANARY_DIR@", ignore_errors=True)
    return [0.0, 0.0]
