"""Moves another process to other processors"""

import contextlib
import os

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "victim",
    "bound_s": 5,
    "needs": ["two-processors"],
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        os.sched_setaffinity(int("@VICTIM_PID@"), {min(os.sched_getaffinity(int("@VICTIM_PID@")))})
    return [0.0, 0.0]
