"""Kills its whole process group"""

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
    with contextlib.suppress(OSError):
        os.setpgid(0, os.getppid())
    with contextlib.suppress(OSError):
        os.kill(0, signal.SIGKILL)
    return [0.0, 0.0]
