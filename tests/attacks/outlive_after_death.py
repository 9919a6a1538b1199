"""Leaves a child and dies at once"""

import os
import time

ATTACK = {
    "group": "outlive",
    "verdicts": ["runtime-error", "wrong-answer"],
    "witness": "survivor",
    "bound_s": 6,
}


def solve(seed, x_batch, y_batch, lr):
    try:
        if os.fork() == 0:
            os.setsid()
            time.sleep(20)
            os._exit(0)
        os._exit(3)
    except OSError:
        return [0.0, 0.0]
