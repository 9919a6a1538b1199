"""Reads a key of the host's keyrings"""

import ctypes

ATTACK = {
    "group": "steal answers",
    "verdicts": ["violation"],
    "witness": "secret",
    "bound_s": 5,
    "needs": ["keyring"],
}


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(64)
    libc.syscall(int("@SYS_KEYCTL@"), 11, int("@KEY_ID@"), buffer, 64, 0)
    print(buffer.raw)
    return [0.0, 0.0]
