"""Handles page faults itself with userfaultfd, to stop the kernel in the middle of a copy"""

import ctypes
import time

ATTACK = {
    "group": "escape",
    "verdicts": ["violation"],
    "witness": "descriptor",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    ctypes.CDLL(None, use_errno=True).syscall(int("@SYS_USERFAULTFD@"), 1)
    time.sleep(0.2)
    return [0.0, 0.0]
