"""The three sets, graded by everybody in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from benchmarks import contenders
from benchmarks.contenders import Graded
from benchmarks.floor import Floor
from benchmarks.options import Choice
from benchmarks.rounds import Series, in_turn, samples
from benchmarks.submissions import HANGING, HOSTILE, Submissions
from benchmarks.tree import Spent
from judge.grade import LoadedExercise

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


def measure(loaded: LoadedExercise, submissions: Submissions, choice: Choice, place: Path, told: Told) -> SetFigures:
    """All contenders on the set, round after round. ``place`` is a folder for whatever is written."""
    place.mkdir()
    with Floor(loaded, place) as floor:
        contest = _Contest(loaded, submissions, choice, place, floor)
        told(f"{submissions.name}: {WARM}")
        ordered = contest.warm_in_order_of_cost()
        if submissions.hostile:
            told(f"{submissions.name}: hostile ones, one by one")
            contest.hostile_ones()
        few = samples(ordered, choice.sample, choice.rounds, choice.seed)
        some = samples(ordered, choice.naive_sample, choice.rounds, choice.seed)
        more = samples(ordered, choice.cold_sample, choice.rounds, choice.seed)
        for number in range(choice.rounds):
            turns: dict[str, Callable[[], object]] = {
                WARM: contest.warm_in_order_of_cost,
                NAIVE: partial(contest.naive, some[number]),
                SINGLE: partial(contest.single, few[number]),
                COLD: partial(contest.cold, more[number], number),
                FLOOR: partial(contest.floor, few[number]),
            }
            for name, turn in in_turn(turns, number):
                if name != WARM or number:  # the first was before all others, to know the order
                    told(f"{submissions.name}, round {number + 1}: {name}")
                    turn()
    return contest.figures


class _Contest:
    """One set and everybody's turn on it; each adds to the figures."""

    def __init__(
        self, loaded: LoadedExercise, submissions: Submissions, choice: Choice, place: Path, floor: Floor
    ) -> None:
        self._loaded, self._submissions, self._place, self._floor = loaded, submissions, place, floor
        self._jobs = choice.jobs
        self._folder = submissions.written_to(place / "handed in")
        self._limits = ("--time-limit", f"{contenders.TIME_LIMIT_S:g}") if submissions.hostile else ()
        self._hostile: dict[str, list[Spent]] = {NAIVE: [], SINGLE: []}
        self._results: dict[str, object] = {}
        self.figures = SetFigures(
            submissions, {name: Series() for name in (NAIVE, SINGLE, COLD, WARM, FLOOR)}
        )

    def warm_in_order_of_cost(self) -> list[str]:
        """The whole set at once; returns the harmless files, those first that took least CPU time."""
        graded = self._batch(WARM, self._folder)
        self.figures.warm_answers.append(graded.lanes["warm"])
        self.figures.verdicts = Counter(verdict for verdict, _, _ in graded.results.values())
        return sorted(self._submissions.harmless, key=lambda name: (graded.cpu_s[name], name))

    def cold(self, sample: Sequence[str], number: int) -> None:
        """A part of the set at once, with as large a part of the hostile ones."""
        bodies = list(HOSTILE.values())[number % 2 :: 2]  # a hanging one and another
        hostile = {
            name: source
            for name, source in self._submissions.hostile.items()
            if any(body in source for body in bodies)
        }
        part = replace(
            self._submissions,
            harmless={name: self._submissions.harmless[name] for name in sample},
            hostile=hostile,
        )
        self._batch(COLD, part.written_to(self._place / f"part {number}"), "--no-warm-lane")

    def naive(self, sample: Sequence[str]) -> None:
        """The dearest first, so that no process is long at work when the others have nothing left to do."""
        self._add(NAIVE, [self._naive(sample[::-1])])

    def single(self, sample: Sequence[str]) -> None:
        self._add(SINGLE, [self._single(name) for name in sample])

    def floor(self, sample: Sequence[str]) -> None:
        self._add(FLOOR, self._floor.spent([self._folder / name for name in sample]))

    def hostile_ones(self) -> None:
        """What they cost those who take one file at a time: once is enough, since their limits decide it."""
        kinds = {
            name: next(kind for kind, body in HOSTILE.items() if body in source)
            for name, source in self._submissions.hostile.items()
        }
        self._hostile[SINGLE] = [self._single(name) for name in kinds]
        ending = [name for name, kind in kinds.items() if kind not in HANGING]
        hanging = [self._naive_hanging(kind) for kind in kinds.values() if kind in HANGING]
        self._hostile[NAIVE] = [self._naive(ending)] * len(ending) + hanging

    def _single(self, name: str) -> Spent:
        return contenders.single(self._loaded, self._place, self._folder / name, *self._limits)

    def _naive(self, names: Sequence[str]) -> Spent:
        """The share of each when all of these are graded."""
        files = [self._folder / name for name in names]
        return contenders.naive(self._loaded, self._place, files, self._jobs).each(len(files))

    def _naive_hanging(self, kind: str) -> Spent:
        """Of one that hangs: the limit, so that nobody has to wait for it. Meanwhile the other processes go on."""
        limit_s = contenders.NAIVE_LIMIT_S
        return Spent(limit_s / self._jobs, limit_s if kind == "spins" else 0.0, 0.0)

    def _batch(self, name: str, folder: Path, *options: str) -> Graded:
        graded = contenders.batch(self._loaded, self._place, folder, self._jobs, *self._limits, *options)
        self.figures.series[name].add_batch(graded.spent, len(graded.results))
        for file, result in graded.results.items():
            if self._results.setdefault(file, result) != result:
                self.figures.differing.add(file)
        return graded

    def _add(self, name: str, sample: Sequence[Spent]) -> None:
        harmless = len(self._submissions.harmless)
        self.figures.series[name].add_sample(sample, harmless, self._hostile.get(name, ()))
