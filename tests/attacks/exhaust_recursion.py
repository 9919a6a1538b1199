"""Calls itself for ever, after lifting the interpreter's limit"""

import sys

ATTACK = {
    "group": "exhaust",
    "verdicts": ["memory-limit", "runtime-error"],
    "witness": "memory",
    "bound_s": 24,
    "limits": {"wall_s": 20.0, "total_wall_s": 20.0, "cpu_s": 15.0},
}


sys.setrecursionlimit(2**31 - 1)


def deeper(values):
    return deeper((values, [0] * 10_000))


def solve(seed, x_batch, y_batch, lr):
    return deeper(())
