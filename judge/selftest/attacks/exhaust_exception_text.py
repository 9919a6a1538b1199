"""Raises an exception whose text never ends"""

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "limits": {"wall_s": 0.6, "total_wall_s": 0.9},
    "bound_s": 5,
}


class Endless(Exception):
    def __str__(self):
        while True:
            pass

    __repr__ = __str__


def solve(seed, x_batch, y_batch, lr):
    raise Endless
