"""Takes a name that is no text, so that whoever watches it may stumble, and fills memory"""

import ctypes
import time

import numpy as np

ATTACK = {
    "group": "exhaust",
    "verdicts": ["memory-limit"],
    "witness": "memory",
    "bound_s": 24,
    "limits": {"wall_s": 20.0, "total_wall_s": 20.0, "cpu_s": 10.0},
}


kept = []


def solve(seed, x_batch, y_batch, lr):
    ctypes.CDLL(None).prctl(15, b"\xff) R 0 \xfe\n", 0, 0, 0)
    try:
        while len(kept) < 33:
            kept.append(np.ones(4 << 20))
    except MemoryError:
        pass
    time.sleep(1.0)
    raise MemoryError
