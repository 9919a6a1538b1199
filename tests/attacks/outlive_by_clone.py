"""Makes a child that nobody is told about when it ends"""

import ctypes
import os
import time

ATTACK = {
    "group": "outlive",
    "verdicts": ["wrong-answer"],
    "witness": "survivor",
    "bound_s": 6,
}


def solve(seed, x_batch, y_batch, lr):
    child = ctypes.CDLL(None, use_errno=True).syscall(int("@SYS_CLONE@"), 0x8000, None, None, None, None)
    if child == 0:
        time.sleep(20)
        os._exit(0)
    return [0.0, 0.0]
