"""Stops another process"""

import contextlib
import os
import signal
import time

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "victim",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        os.kill(int("@VICTIM_PID@"), signal.SIGSTOP)
    time.sleep(0.05)
    return [0.0, 0.0]
