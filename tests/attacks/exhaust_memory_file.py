"""Keeps data in files that exist in memory only"""

import os
import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["wrong-answer"],
    "witness": "descriptor",
    "bound_s": 24,
}


def solve(seed, x_batch, y_batch, lr):
    try:
        fd = os.memfd_create("hoard")
        for _ in range(8):
            os.write(fd, b"x" * (8 << 20))
        time.sleep(0.2)
    except OSError:
        pass
    return [0.0, 0.0]
