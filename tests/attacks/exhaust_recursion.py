"""Calls itself for ever, after lifting the interpreter's limit"""

import sys

ATTACK = {
    "group": "exhaust",
    "verdicts": ["memory-limit", "runtime-error", "time-limit"],
    "witness": "memory",
    "bound_s": 8,
    "limits": {"wall_s": 6.0},
}


sys.setrecursionlimit(2**31 - 1)


def deeper(values):
    return deeper((values, [0] * 1000))


def solve(seed, x_batch, y_batch, lr):
    return deeper(())
