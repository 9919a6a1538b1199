"""Forks more processes than it may have"""

import os
import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["wrong-answer"],
    "witness": "tasks",
    "bound_s": 8,
    "limits": {"wall_s": 4.0},
}


def solve(seed, x_batch, y_batch, lr):
    if seed < 0:
        return [0.0, 0.0]
    try:
        for _ in range(90):
            if os.fork() == 0:
                time.sleep(2.0)
                os._exit(0)
    except OSError:
        return [0.0, 0.0]
    time.sleep(1.6)
    return [0.0, 0.0]
