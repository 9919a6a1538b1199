"""Raises an exception through forty thousand frames"""

import sys

ATTACK = {
    "group": "protocol",
    "verdicts": ["runtime-error", "memory-limit"],
    "witness": "no-verdict",
    "bound_s": 12,
    "control": "naive",
    "limits": {"wall_s": 6.0, "total_wall_s": 9.0, "cpu_s": 8.0},
}


sys.setrecursionlimit(10**6)


def deeper(left):
    if not left:
        raise KeyboardInterrupt
    deeper(left - 1)


def solve(seed, x_batch, y_batch, lr):
    deeper(40_000)
