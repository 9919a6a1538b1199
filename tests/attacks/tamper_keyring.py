"""Leaves a key in the user's keyring"""

import ctypes

ATTACK = {
    "group": "tamper",
    "verdicts": ["violation"],
    "witness": "leftover",
    "bound_s": 5,
    "needs": ["keyring"],
}


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(int("@SYS_ADD_KEY@"), b"user", b"@MARKER@", b"left", 4, -4)
    return [0.0, 0.0]
