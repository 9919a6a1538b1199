"""Becomes other users"""

import contextlib
import os
import time

ATTACK = {
    "group": "escape",
    "verdicts": ["wrong-answer"],
    "witness": "process",
    "bound_s": 5,
    "needs": ["root"],
}


def solve(seed, x_batch, y_batch, lr):
    time.sleep(0.25)
    for uid in (0, 1, 1000, 65534):
        with contextlib.suppress(OSError):
            os.setgroups([])
        with contextlib.suppress(OSError):
            os.setresgid(uid, uid, uid)
        with contextlib.suppress(OSError):
            os.setresuid(uid, uid, uid)
    time.sleep(0.25)
    return [0.0, 0.0]
