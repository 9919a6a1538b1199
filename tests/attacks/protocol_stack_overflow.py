"""Overflows the stack in C"""

import sys

ATTACK = {
    "group": "protocol",
    "verdicts": ["runtime-error", "memory-limit", "time-limit"],
    "witness": "no-verdict",
    "bound_s": 7,
    "control": "naive",
    "limits": {"wall_s": 3.0},
}


sys.setrecursionlimit(10**7)


def deeper(value):
    return max([value], key=deeper)


def solve(seed, x_batch, y_batch, lr):
    return deeper(1)
