"""Rounds in which everything that is compared takes its turn, and what comes out in the middle.

The machine is a little faster in one minute than in the next, so the contenders alternate, each round in another order,
and medians over the rounds are compared.

Whoever starts from nothing with every file would need hours for forty of them in every round.  It gets a systematic
sample: the set is ordered by the CPU time that each took in a first batch, and every n-th file is taken, from another
place in each round.  So each sample has cheap and dear files as the set has, and all rounds together see most of it.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from benchmarks.tree import Spent

T = TypeVar("T")


@dataclass
class Series:
    """One contender on one set: time and CPU per submission, and memory, in each round."""

    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    memory_mib: list[float] = field(default_factory=list)

    def add(self, wall_s: float, cpu_s: float, memory_mib: float) -> None:
        self.wall_s.append(wall_s)
        self.cpu_s.append(cpu_s)
        self.memory_mib.append(memory_mib)

    def add_batch(self, spent: Spent, submissions: int) -> None:
        each = spent.each(submissions)
        self.add(each.wall_s, each.cpu_s, each.memory_mib)

    def add_sample(self, sample: Sequence[Spent], of: int, besides: Sequence[Spent] = ()) -> None:
        """A sample of ``of`` files, and ``besides`` that all there are of another kind: the mean over both kinds."""
        whole = of + len(besides)

        def mean(values: Iterable[float], others: Iterable[float]) -> float:
            return (statistics.fmean(values) * of + sum(others)) / whole

        self.add(
            mean((one.wall_s for one in sample), (one.wall_s for one in besides)),
            mean((one.cpu_s for one in sample), (one.cpu_s for one in besides)),
            max(one.memory_mib for one in (*sample, *besides)),
        )

    @property
    def median(self) -> Spent:
        return Spent(
            statistics.median(self.wall_s), statistics.median(self.cpu_s), statistics.median(self.memory_mib)
        )

    @property
    def per_minute(self) -> float:
        """Submissions that are through in a minute."""
        return 60 / self.median.wall_s


def samples(ordered: Sequence[T], size: int, rounds: int, seed: int) -> list[list[T]]:
    """A systematic sample for each round: every n-th from a place of its own in the first n."""
    draw = random.Random(seed)
    size = min(size, len(ordered))
    step = len(ordered) / size
    starts = [(number + draw.random()) / rounds * step for number in range(rounds)]
    draw.shuffle(starts)
    return [[ordered[int(start + step * place)] for place in range(size)] for start in starts]


def in_turn(names: Mapping[str, T], round_number: int) -> list[tuple[str, T]]:
    """All of them, starting with another one in each round."""
    items = list(names.items())
    start = round_number % len(items)
    return items[start:] + items[:start]
