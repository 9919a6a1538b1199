"""Takes every processor of the machine"""

import contextlib
import os
import time

ATTACK = {
    "group": "escape",
    "verdicts": ["wrong-answer"],
    "witness": "process",
    "bound_s": 5,
    "needs": ["two-processors"],
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, set(range(os.cpu_count())))
    time.sleep(0.4)
    return [0.0, 0.0]
