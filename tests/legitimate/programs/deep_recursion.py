"""Calls itself some thousand times, and catches when it is too much."""

import sys


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def solve(seed, x_batch, y_batch, lr):
    sys.setrecursionlimit(10_000)
    try:
        depth(10**6)
    except RecursionError:
        caught = 1.0
    return [float(depth(5_000)), caught, float(y_batch.max())]
