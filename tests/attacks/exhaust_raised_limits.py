"""Lifts its own limits in every way that there is, and fills memory then"""

import contextlib
import ctypes
import resource
import time

import numpy as np

ATTACK = {
    "group": "exhaust",
    "verdicts": ["wrong-answer", "memory-limit", "runtime-error"],
    "witness": "memory",
    "bound_s": 24,
    "limits": {"wall_s": 20.0, "total_wall_s": 20.0, "cpu_s": 10.0},
}

kept = []


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    boundless = (ctypes.c_ulong * 2)(2**64 - 1, 2**64 - 1)
    for kind in range(16):
        for wanted in (resource.RLIM_INFINITY, resource.getrlimit(kind)[1]):
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(kind, (wanted, wanted))
            with contextlib.suppress(OSError, ValueError):
                resource.prlimit(0, kind, (wanted, wanted))
        libc.syscall(int("@SYS_PRLIMIT64@"), 0, kind, boundless, None)
    try:
        while len(kept) < 45:
            kept.append(np.ones(2 << 20))
    except MemoryError:
        pass
    time.sleep(0.8)
    return [0.0, 0.0]
