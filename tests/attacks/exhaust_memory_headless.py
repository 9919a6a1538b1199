"""Ends its main thread only, so that the process shows no memory, and fills memory in another thread"""

import ctypes
import threading
import time

import numpy as np

ATTACK = {
    "group": "exhaust",
    "verdicts": ["runtime-error", "memory-limit"],
    "witness": "memory",
    "bound_s": 24,
    "control": "naive",
    "limits": {"wall_s": 20.0, "total_wall_s": 20.0, "cpu_s": 10.0},
}

kept = []


def fill():
    time.sleep(0.05)
    try:
        while len(kept) < 32:
            kept.append(np.ones(4 << 20))
    except MemoryError:
        pass
    time.sleep(0.8)


def solve(seed, x_batch, y_batch, lr):
    threading.Thread(target=fill).start()
    # A call through CDLL gives the interpreter's lock back before it ends the thread.
    ctypes.CDLL(None).syscall(int("@SYS_EXIT@"), 0)
    return [0.0, 0.0]
