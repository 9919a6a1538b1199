"""Stays below the limit of each call and breaks that of all of them"""

import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "limits": {"wall_s": 1.0, "total_wall_s": 1.6},
    "bound_s": 8,
}


def solve(seed, x_batch, y_batch, lr):
    time.sleep(0.8)
    return [0.0, 0.0]
