"""Asks for another place in the queue for the processor: real time, or whatever else it can get"""

import contextlib
import os
import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["wrong-answer"],
    "witness": "process",
    "bound_s": 6,
}


def solve(seed, x_batch, y_batch, lr):
    time.sleep(0.3)
    for policy, priority in ((os.SCHED_FIFO, 50), (os.SCHED_RR, 50), (os.SCHED_BATCH, 0), (os.SCHED_IDLE, 0)):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, policy, os.sched_param(priority))
            break
    time.sleep(0.4)
    return [0.0, 0.0]
