"""Leaves a child that ignores every signal while the file is loaded"""

import os
import signal
import time

ATTACK = {
    "group": "outlive",
    "verdicts": ["wrong-answer"],
    "witness": "survivor",
    "bound_s": 6,
}


try:
    if os.fork() == 0:
        for number in range(1, 64):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                continue
        time.sleep(20)
        os._exit(0)
except OSError:
    pass


def solve(seed, x_batch, y_batch, lr):
    return [0.0, 0.0]
