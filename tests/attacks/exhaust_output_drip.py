"""Prints a little all the time, so that it never seems to be stuck"""

import os
import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "limits": {"wall_s": 0.6, "total_wall_s": 0.9},
    "bound_s": 6,
}


def solve(seed, x_batch, y_batch, lr):
    while True:
        os.write(1, b".")
        time.sleep(0.05)
