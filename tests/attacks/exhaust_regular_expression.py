"""Matches a regular expression that takes for ever, holding the interpreter"""

import re

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "limits": {"wall_s": 0.6, "total_wall_s": 0.9},
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    return re.match(r"(a+)+$", "a" * 60 + "b")
