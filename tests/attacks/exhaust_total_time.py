"""Stays below the limit of each call and breaks that of all of them"""

import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "limits": {"wall_s": 1.5, "total_wall_s": 1.6},
    "bound_s": 8,
}


def solve(seed, x_batch, y_batch, lr):
    time.sleep(1.4)
    return [0.0, 0.0]
