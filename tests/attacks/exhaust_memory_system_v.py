"""Keeps data in System V segments"""

import ctypes

ATTACK = {
    "group": "exhaust",
    "verdicts": ["wrong-answer"],
    "witness": "memory",
    "bound_s": 24,
    "limits": {"wall_s": 20.0, "total_wall_s": 20.0, "cpu_s": 10.0},
    "needs": ["system-v"],
}


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p
    for _ in range(34):
        number = libc.shmget(0, ctypes.c_size_t(32 << 20), 0o1600)
        address = libc.shmat(number, None, 0)
        libc.shmctl(number, 0, None)
        if address not in (None, 2**64 - 1):
            ctypes.memset(address, 1, 32 << 20)
    return [0.0, 0.0]
