"""Leaves System V objects for the next submission"""

import ctypes

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "leftover",
    "bound_s": 5,
    "needs": ["system-v"],
}


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmget(int("@SEGMENT_KEY@"), ctypes.c_size_t(4096), 0o1666)
    libc.msgget(int("@SEGMENT_KEY@"), 0o1666)
    return [0.0, 0.0]
