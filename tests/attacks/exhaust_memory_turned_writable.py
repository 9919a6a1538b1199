"""Maps memory that may only be read, which counts nowhere, and has it made writable bit by bit"""

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
PIECE = 16 << 20


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000
    place = libc.mmap(None, ctypes.c_size_t(40 * PIECE), mmap.PROT_READ, flags, -1, ctypes.c_long(0))
    if place in (None, 2**64 - 1):
        return [0.0, 0.0]
    for piece in range(place, place + 35 * PIECE, PIECE):
        if libc.mprotect(ctypes.c_void_p(piece), ctypes.c_size_t(PIECE), 3):
            break
        ctypes.memset(piece, 1, PIECE)
    time.sleep(0.8)
    return [0.0, 0.0]
