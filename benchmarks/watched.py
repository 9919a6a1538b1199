"""`judge watch`: how long from a save to its verdict, beside the floor on the same files."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from benchmarks.contenders import judge_command
from benchmarks.floor import Floor
from benchmarks.options import Choice
from benchmarks.rounds import Series, samples
from benchmarks.sets import FLOOR, Told
from benchmarks.submissions import Submissions
from benchmarks.tree import Spent
from judge.grade import LoadedExercise

WATCH = "judge watch"
SHOWN = "watching, Ctrl-C ends"
"""At the end of the last line about a save."""


class Watched:
    """A file under ``judge watch``. Use as a context manager."""

    def __init__(self, loaded: LoadedExercise, path: Path, source: str) -> None:
        self._path = path
        path.write_text(source)
        self._process = subprocess.Popen(
            judge_command("watch", str(path), "--exercise", str(loaded.exercise.root), "--plain"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._wait()

    def __enter__(self) -> Watched:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()

    def save(self, source: str) -> Spent:
        """From writing the file until its verdict is shown."""
        start_s = time.monotonic()
        self._path.write_text(source)
        self._wait()
        return Spent(time.monotonic() - start_s, 0.0, 0.0)

    def _wait(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.rstrip().endswith(SHOWN):
                return
        raise RuntimeError("judge watch has ended")


def measure(
    loaded: LoadedExercise, submissions: Submissions, choice: Choice, place: Path, told: Told
) -> dict[str, Series]:
    """Saves of a set's files, and the floor on the same ones, in turn."""
    place.mkdir()
    folder = submissions.written_to(place / "handed in")
    series = {WATCH: Series(), FLOOR: Series()}
    names: Sequence[str] = list(submissions.harmless)
    told("watch: starting")
    with (
        Floor(loaded, place) as floor,
        Watched(loaded, place / "solution.py", submissions.harmless[names[0]]) as watched,
    ):
        watched.save(submissions.harmless[names[1]] + "# again\n")  # waits until the warm lane is ready
        for number, sample in enumerate(samples(names, choice.sample, choice.rounds, choice.seed)):
            told(f"watch, round {number + 1}")
            for name in sample:
                source = submissions.harmless[name] + f"# saved in round {number}\n"
                series[WATCH].add_sample([watched.save(source)], 1)
                series[FLOOR].add_sample(floor.spent([folder / name]), 1)
    return series
