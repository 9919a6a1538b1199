"""How the cost of something grows with its input: processor time at n, 2n and 4n, as ratios within one run."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

TRIES = 3
ENOUGH_S = 0.02
"""What is faster than this is not measured: the clock and the machine would decide."""


def cost_s(work: Callable[[], object]) -> float:
    """The least processor time of several tries: other programs can only add to it."""
    costs = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(TRIES):
            start = time.thread_time()
            work()
            costs.append(time.thread_time() - start)
    finally:
        gc.enable()
    return min(costs)


def grows_linearly(make: Callable[[int], Callable[[], object]], n: int) -> bool:
    """Whether four times the input costs clearly less than the sixteen times of a quadratic algorithm.

    ``make(size)`` prepares an input and returns the work on it. Where even the largest input costs nearly nothing, the
    question does not arise.
    """
    small, large = cost_s(make(n)), cost_s(make(4 * n))
    return large < ENOUGH_S or large < 9 * small
