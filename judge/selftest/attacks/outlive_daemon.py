"""Becomes a daemon: forks twice, in a session of its own"""

import os
import time

ATTACK = {
    "group": "outlive",
    "verdicts": ["wrong-answer"],
    "witness": "survivor",
    "bound_s": 6,
}


def solve(seed, x_batch, y_batch, lr):
    try:
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(20)
            os._exit(0)
    except OSError:
        pass
    return [0.0, 0.0]
