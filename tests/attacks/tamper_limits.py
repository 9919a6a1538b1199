"""Lowers another process's limits"""

import contextlib
import resource

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "victim",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError, ValueError):
        resource.prlimit(int("@VICTIM_PID@"), resource.RLIMIT_NOFILE, (7, 7))
    return [0.0, 0.0]
