"""Reads one byte in every two megabytes of an enormous mapping: no page of its own, but a page table for each"""

import ctypes
import mmap
import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["wrong-answer", "runtime-error"],
    "witness": "memory",
    "bound_s": 24,
    "limits": {"wall_s": 20.0, "total_wall_s": 20.0, "cpu_s": 10.0},
}
STEP = 2 << 20
ALL = 300 << 30  # 600 MiB of page tables

kept = []


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    size = ALL
    while size >= STEP:  # as much as there is to be had, in pieces that get smaller
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000
        address = libc.mmap(None, ctypes.c_size_t(size), mmap.PROT_READ, flags, -1, ctypes.c_long(0))
        if address in (None, 2**64 - 1) or sum(kept) + size > ALL:
            size //= 2
            continue
        kept.append(size)
        libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(size), 15)  # no huge pages
        for place in range(address, address + size, STEP):
            ctypes.string_at(place, 1)
    time.sleep(0.8)
    return [0.0, 0.0]
