"""Sleeps for ever, whatever wakes it"""

import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "limits": {"wall_s": 0.6, "total_wall_s": 0.9},
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    while True:
        try:
            time.sleep(1000)
        except BaseException:
            continue
