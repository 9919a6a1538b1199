"""Grows one small mapping again and again with mremap"""

import ctypes
import mmap
import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["wrong-answer", "memory-limit", "runtime-error"],
    "witness": "memory",
    "bound_s": 24,
    "limits": {"wall_s": 20.0, "total_wall_s": 20.0, "cpu_s": 10.0},
}
STEP = 32 << 20


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = libc.mremap.restype = ctypes.c_void_p
    rights = mmap.PROT_READ | mmap.PROT_WRITE
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    place = libc.mmap(None, ctypes.c_size_t(4096), rights, flags, -1, ctypes.c_long(0))
    size = 4096
    for number in range(1, 19):
        grown = libc.mremap(ctypes.c_void_p(place), ctypes.c_size_t(size), ctypes.c_size_t(number * STEP), 1)
        if grown in (None, 2**64 - 1):
            break
        place, size = grown, number * STEP
        ctypes.memset(place + size - STEP, 1, STEP)
    time.sleep(0.8)
    return [0.0, 0.0]
