"""The processors that processes run on: always equally many, since the last bits of results depend on their number."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence

_taken = itertools.count()


def one_processor() -> tuple[int, ...]:
    """Return one of the processors that this process may use, in turn; empty where the system cannot tell."""
    cpus = allowed()
    return (cpus[(os.getpid() + next(_taken)) % len(cpus)],) if cpus else ()


def spread(affinity: Sequence[int], count: int) -> list[tuple[int, ...]]:
    """Return up to ``count`` disjoint sets of processors, each as large as ``affinity``, which is the first."""
    size = len(affinity)
    others = [cpu for cpu in allowed() if cpu not in affinity] if size else []
    sets = [tuple(affinity)]
    while len(sets) < count and len(others) >= size > 0:
        sets.append(tuple(others[:size]))
        del others[:size]
    return sets


def allowed() -> list[int]:
    """Return the processors that this process may use; empty where the system cannot tell."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
