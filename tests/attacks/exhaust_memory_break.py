"""Takes memory by moving the end of the heap, which no allocator sees"""

import ctypes
import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["wrong-answer", "memory-limit", "runtime-error"],
    "witness": "memory",
    "bound_s": 24,
    "limits": {"wall_s": 20.0, "total_wall_s": 20.0, "cpu_s": 10.0},
}
BLOCK = 16 << 20


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.sbrk.restype = ctypes.c_void_p
    for _ in range(35):
        place = libc.sbrk(ctypes.c_long(BLOCK))
        if place in (None, 2**64 - 1):
            break
        ctypes.memset(place, 1, BLOCK)
    time.sleep(0.8)
    return [0.0, 0.0]
