"""What confinement costs: a right submission graded confined and unconfined, in pairs, over two zygotes."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.options import Choice
from benchmarks.sets import Told
from judge.grade import LoadedExercise
from judge.grader import Grader
from judge.model import Verdict
from judge.sandbox import Warm


@dataclass(frozen=True)
class Pairs:
    """Seconds for each pair, and the level of isolation that the confined one had."""

    level: str
    confined_s: tuple[float, ...]
    unconfined_s: tuple[float, ...]

    @property
    def overhead(self) -> float:
        """Median over the pairs of what confinement adds, relative to grading without it."""
        pairs = zip(self.confined_s, self.unconfined_s, strict=True)
        return statistics.median(confined / bare for confined, bare in pairs) - 1


def measure(loaded: LoadedExercise, path: Path, choice: Choice, told: Told) -> Pairs:
    """Grade the file ``choice.pairs`` times in each way; who is first alternates."""
    taken: dict[str, list[float]] = {"good": [], "none": []}
    told("confinement: starting")
    with (
        Grader.of(loaded, warm=Warm.NEVER) as confined,
        Grader.of(loaded, warm=Warm.NEVER, accept="none") as bare,
    ):
        graders = {"good": confined, "none": bare}
        _, (_, level) = (_grade(grader, path) for grader in (bare, confined))
        for number in range(choice.pairs):
            told(f"confinement: pair {number + 1}")
            for name in sorted(graders, reverse=bool(number % 2)):
                taken[name].append(_grade(graders[name], path)[0])
    return Pairs(level, tuple(taken["good"]), tuple(taken["none"]))


def _grade(grader: Grader, path: Path) -> tuple[float, str]:
    start_s = time.perf_counter()
    report = grader.grade(path)
    if report.verdict is not Verdict.ACCEPTED:
        raise RuntimeError(f"{path} is {report.verdict}; its time says nothing")
    return time.perf_counter() - start_s, report.isolation.level
