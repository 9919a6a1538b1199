"""Returns an object that never finishes becoming an array"""

import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "limits": {"wall_s": 0.6, "total_wall_s": 0.9},
    "bound_s": 5,
}


class Slow:
    def __array__(self, dtype=None, copy=None):
        time.sleep(1000)


def solve(seed, x_batch, y_batch, lr):
    return Slow()
