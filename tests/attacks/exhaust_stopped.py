"""Stops itself with a signal, and waits when that is not possible"""

import os
import signal
import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "limits": {"wall_s": 0.6, "total_wall_s": 0.9},
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    os.kill(os.getpid(), signal.SIGSTOP)
    while True:
        signal.raise_signal(signal.SIGSTOP)
        time.sleep(0.01)
