"""Sends a signal to every process that there is"""

import contextlib
import os
import signal

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "victim",
    "bound_s": 5,
    "control": "own-pids",
    "needs": ["own-pids"],
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        os.kill(-1, signal.SIGURG)
    return [0.0, 0.0]
