"""Refuses to die with its keeper, and stops it"""

import contextlib
import ctypes
import os
import signal
import time

ATTACK = {
    "group": "outlive",
    "verdicts": ["wrong-answer"],
    "witness": "no-verdict",
    "bound_s": 6,
}


def solve(seed, x_batch, y_batch, lr):
    ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
    parent = os.getppid()
    if parent > 1:
        with contextlib.suppress(OSError):
            os.kill(parent, signal.SIGKILL)
            time.sleep(2)
    return [0.0, 0.0]
