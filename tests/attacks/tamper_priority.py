"""Makes another process wait"""

import contextlib
import os

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "victim",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, int("@VICTIM_PID@"), 19)
    return [0.0, 0.0]
