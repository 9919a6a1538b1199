"""What a cluster adds to a submission, and what many workers would bring: ``python -m benchmarks.fleet``.

The smallest exercise is graded by threads of one process and by Dask's worker processes on this machine. Two sizes of
class are graded in each way: the slope between them is what one more submission takes, without start and end. Whatever
is measured has to give the same verdicts, points and findings as threads.

Two processors show one and two workers. More are simulated (`benchmarks.fleet_model`), with the times that were
measured here, for the smallest exercise and for this repository's own.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import contenders, fleet_model
from benchmarks.contenders import REPOSITORY
from benchmarks.options import rounds_parser
from benchmarks.rounds import in_turn
from benchmarks.scaling import EXERCISE
from benchmarks.tables import Table, times
from judge.grade import LoadedExercise
from judge.grader import load_exercise_with_goldens

THREADS_1, THREADS_2 = "threads, 1 at a time", "threads, 2 at a time"
DASK_1, DASK_2 = "Dask, 1 process", "Dask, 2 processes"
WAYS = {
    THREADS_1: ("-j", "1"),
    THREADS_2: ("-j", "2"),
    DASK_1: ("--executor", "dask", "--workers", "1", "-j", "1"),
    "Dask, 1 process with 2 threads": ("--executor", "dask", "--workers", "1", "-j", "2"),
    DASK_2: ("--executor", "dask", "--workers", "2", "-j", "2"),
}
"""Each with its options for ``judge FOLDER``."""
BESIDE = {DASK_1: THREADS_1, "Dask, 1 process with 2 threads": THREADS_2, DASK_2: THREADS_2}
SIZES = (40, 240)
WORKERS = (1, 2, 4, 8, 16, 32, 64, 128)
ENDLESS = "morgan.py"


@dataclass
class Way:
    """One way to grade: seconds for one more submission in each round, and the service times that were seen."""

    each_s: list[float] = field(default_factory=list)
    service_s: list[float] = field(default_factory=list)
    """The time that the judge itself measured for a submission: its grading alone."""

    @property
    def median_s(self) -> float:
        return statistics.median(self.each_s)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, simulate, and show both tables."""
    rounds = rounds_parser("benchmarks.fleet", __doc__, 5).parse_args(arguments).rounds
    with tempfile.TemporaryDirectory(prefix="judge-benchmarks-") as place:
        ways = measure(load_exercise_with_goldens(EXERCISE), Path(place), rounds)
        own_s = service_times_of_own(Path(place))
    print(of_ways(ways).text())
    print(of_model(ways, own_s).text())
    return 0


def measure(loaded: LoadedExercise, place: Path, rounds: int, sizes: tuple[int, int] = SIZES) -> dict[str, Way]:
    """Grade both sizes in every way in turn. Raises RuntimeError when two ways disagree."""
    bank = [
        path.read_text()
        for folder in ("accepted", "misconceptions")
        for path in sorted((loaded.exercise.reference_dir / folder).glob("*.py"))
    ]
    folders = {size: place / f"class of {size}" for size in sizes}
    for size, folder in folders.items():
        folder.mkdir()
        for number in range(size):
            source = f"{bank[number % len(bank)]}\n# learner {number}\n"
            (folder / f"learner_{number:03}.py").write_text(source)
    ways = {name: Way() for name in WAYS}
    expected: dict[int, Mapping[str, object]] = {}
    for number in range(rounds):
        for name, way in in_turn(ways, number):
            wall_s = {}
            for size, folder in folders.items():
                sys.stderr.write(f"round {number + 1}: {name}, {size} submissions\n")
                graded = contenders.batch(loaded, place, folder, 1, *WAYS[name])
                wall_s[size] = graded.spent.wall_s
                if graded.results != expected.setdefault(size, graded.results):
                    raise RuntimeError(f"{name}: other results than the way before")
                way.service_s += service_times(place / f"results of {folder.name}")
            small, large = sizes
            way.each_s.append((wall_s[large] - wall_s[small]) / (large - small))
    return ways


def service_times(results: Path) -> list[float]:
    """Return the seconds that each grading in a results folder took by itself."""
    summary = json.loads((results / "summary.json").read_text())
    return [row["timing"]["wall_s"] for row in summary["reports"]]


def service_times_of_own(place: Path) -> list[float]:
    """Grade this repository's own examples, one after another; the endless one is no typical submission."""
    folder = place / "examples"
    shutil.copytree(REPOSITORY / "submissions", folder, ignore=shutil.ignore_patterns(ENDLESS, "__pycache__"))
    sys.stderr.write("this repository's own exercise\n")
    contenders.batch(load_exercise_with_goldens(REPOSITORY), place, folder, 1)
    return service_times(place / f"results of {folder.name}")


def of_ways(ways: Mapping[str, Way]) -> Table:
    """Return the time for one more submission in each way, and what Dask adds."""
    rows = []
    for name, way in ways.items():
        beside = ways[BESIDE[name]].median_s if name in BESIDE else None
        added = f"{(way.median_s - beside) * 1000:+.1f}" if beside is not None else ""
        rows.append(
            (name, f"{way.median_s * 1000:.1f}", added, times(ways[THREADS_1].median_s / way.median_s))
        )
    rounds = len(ways[THREADS_1].each_s)
    title = f"One more submission of the smallest exercise, medians over {rounds} rounds"
    return Table(title, ("way", "ms", "more than threads, ms", f"speed / {THREADS_1}"), tuple(rows))


def of_model(ways: Mapping[str, Way], own_s: Sequence[float]) -> Table:
    """Return what the model says of many workers, for both exercises."""
    small_s = ways[DASK_1].service_s
    serial_s = max(ways[DASK_1].median_s - statistics.fmean(small_s), 0.0)
    rows = []
    for workers in WORKERS:
        row = [str(workers)]
        for service_s in (small_s, own_s):
            throughput = fleet_model.throughput(workers, service_s, serial_s)
            ideal = workers / statistics.fmean(service_s)
            row += [f"{60 * throughput:,.0f}", f"{throughput / ideal:.0%}"]
        rows.append(tuple(row))
    measured = [60 / ways[name].median_s for name in (DASK_1, DASK_2)]
    notes = (
        f"Simulated: every submission takes {serial_s * 1000:.1f} ms of one processor of the client or scheduler, all "
        "that was measured outside of its grading.",
        f"Gradings take {statistics.fmean(small_s) * 1000:.0f} ms (smallest) and {statistics.fmean(own_s):.1f} s "
        "(own) on average, as they were measured here, one at a time.",
        f"Measured with one and two processes, smallest exercise: {measured[0]:,.0f} and {measured[1]:,.0f} a minute.",
    )
    header = ("workers", "smallest, per minute", "of ideal", "own exercise, per minute", "of ideal")
    return Table("A fleet of single-threaded workers, simulated", header, tuple(rows), notes)


if __name__ == "__main__":
    sys.exit(main())
