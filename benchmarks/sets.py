"""The three sets, graded by everybody in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import contenders
from benchmarks.contenders import Graded
from benchmarks.floor import Floor
from benchmarks.options import Choice
from benchmarks.rounds import Series, in_turn, samples
from benchmarks.submissions import HANGING, HOSTILE, Submissions
from benchmarks.tree import Spent
from judge.grade import Bench

NAIVE, SINGLE, COLD, WARM, FLOOR = (
    "naive, one process each",
    "judge FILE",
    "judge FOLDER, cold",
    "judge FOLDER",
    "floor",
)
Told = Callable[[str], None]


@dataclass
class SetFigures:
    """What was measured on one set."""

    submissions: Submissions
    series: dict[str, Series]
    warm_answers: list[int] = field(default_factory=list)
    """Submissions that the warm lane answered, in each round."""
    verdicts: Counter[str] = field(default_factory=Counter)
    differing: set[str] = field(default_factory=set)
    """Files that two gradings of this run did not agree on."""


def measure(bench: Bench, submissions: Submissions, choice: Choice, place: Path, told: Told) -> SetFigures:
    """All contenders on the set, round after round. ``place`` is a folder for whatever is written."""
    place.mkdir()
    folder = submissions.written_to(place / "handed in")
    figures = SetFigures(submissions, {name: Series() for name in (NAIVE, SINGLE, COLD, WARM, FLOOR)})
    limits = ("--time-limit", f"{contenders.TIME_LIMIT_S:g}") if submissions.hostile else ()
    results: dict[str, object] = {}
    harmless, everything = len(submissions.harmless), len(submissions.all)

    def keep(name: str, found: Graded) -> None:
        figures.series[name].add_batch(found.spent, everything)
        for file, result in found.results.items():
            if results.setdefault(file, result) != result:
                figures.differing.add(file)

    def graded(*options: str) -> Graded:
        return contenders.batch(bench, place, folder, choice.jobs, *limits, *options)

    def naive(path: Path) -> Spent:
        return contenders.naive(bench, place, path)

    def single(path: Path) -> Spent:
        return contenders.single(bench, place, path, *limits)

    told(f"{submissions.name}, round 1: {COLD}")
    first = graded("--no-warm-lane")
    keep(COLD, first)
    figures.verdicts = Counter(verdict for verdict, _, _ in first.results.values())
    ordered = sorted(submissions.harmless, key=lambda name: (first.cpu_s[name], name))
    hostile = sorted(submissions.hostile)
    if hostile:
        told(f"{submissions.name}: hostile ones, one by one")
    besides = {
        NAIVE: [_naive_with(submissions.hostile[name]) or naive(folder / name) for name in hostile],
        SINGLE: [single(folder / name) for name in hostile],
    }
    with Floor(bench, place) as floor:
        for number, sample in enumerate(samples(ordered, choice.sample, choice.rounds, choice.seed)):
            paths = [folder / name for name in sample]

            def one_by_one(name: str, grade: Callable[[Path], Spent]) -> None:
                spent = [grade(path) for path in paths]  # noqa: B023 -- called at once
                figures.series[name].add_sample(spent, harmless, besides[name])

            def warm() -> None:
                keep(WARM, found := graded())
                figures.warm_answers.append(found.lanes["warm"])

            turns: dict[str, Callable[[], None]] = {
                COLD: lambda: keep(COLD, graded("--no-warm-lane")),
                NAIVE: lambda: one_by_one(NAIVE, naive),
                SINGLE: lambda: one_by_one(SINGLE, single),
                WARM: warm,
                FLOOR: lambda: figures.series[FLOOR].add_sample(floor.spent(paths), harmless),  # noqa: B023
            }
            for name, turn in in_turn(turns, number):
                if name != COLD or number:
                    told(f"{submissions.name}, round {number + 1}: {name}")
                    turn()
    return figures


def _naive_with(hostile: str) -> Spent | None:
    """What a hanging file costs a plain process, which is its limit, so that nobody has to wait for it."""
    kind = next(kind for kind, body in HOSTILE.items() if body in hostile)
    limit_s = contenders.NAIVE_LIMIT_S
    return Spent(limit_s, limit_s if kind == "spins" else 0.0, 0.0) if kind in HANGING else None
