"""Leaves a child that is stopped"""

import os
import signal

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
            os.kill(os.getpid(), signal.SIGSTOP)
            os._exit(0)
    except OSError:
        pass
    return [0.0, 0.0]
