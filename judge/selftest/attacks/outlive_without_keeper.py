"""Kills the process that watches over it"""

import contextlib
import os
import signal

ATTACK = {
    "group": "outlive",
    "verdicts": ["wrong-answer"],
    "witness": "no-verdict",
    "bound_s": 6,
}


def solve(seed, x_batch, y_batch, lr):
    parent = os.getppid()
    if parent > 1:
        with contextlib.suppress(OSError):
            os.kill(parent, signal.SIGKILL)
    return [0.0, 0.0]
