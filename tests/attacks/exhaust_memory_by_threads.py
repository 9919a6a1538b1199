"""Fills the stacks and heaps of many threads"""

import threading
import time

import numpy as np

ATTACK = {
    "group": "exhaust",
    "verdicts": ["memory-limit", "violation"],
    "witness": "memory",
    "bound_s": 24,
    "limits": {"wall_s": 20.0, "total_wall_s": 20.0, "cpu_s": 10.0},
}


kept = []


def fill():
    for _ in range(10):
        try:
            kept.append(np.ones(1 << 20))
        except MemoryError:
            continue
    time.sleep(3)


def solve(seed, x_batch, y_batch, lr):
    for _ in range(40):
        threading.Thread(target=fill, daemon=True).start()
    time.sleep(3)
    raise MemoryError
