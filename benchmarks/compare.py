"""What a submission costs here and in another checkout: ``python -m benchmarks.compare CHECKOUT FILE``.

Both have the same interpreter and libraries, each its own judge and its own cases. They grade the file in turn, in the
cold lane, in the warm lane and with ``judge FILE``, and medians over the rounds are compared.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from benchmarks import contenders
from benchmarks.contenders import REPOSITORY
from benchmarks.options import rounds_parser
from benchmarks.rounds import Series, in_turn
from benchmarks.tables import Table, times
from benchmarks.tree import Spent

LANES = ("cold", "warm")
SINGLE = "judge FILE"


class Gradings:
    """A process that grades the file with the judge of a checkout. Use as a context manager."""

    def __init__(self, checkout: Path, exercise: Path, file: Path) -> None:
        self._checkout = checkout
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__).with_name("gradings.py")), checkout, exercise, file],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.title = ""
        """The commit, the number of cases and the verdict, once there was a grading."""

    def __enter__(self) -> Gradings:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()  # it ends when nobody asks any more

    def spent(self, lane: str) -> Spent:
        """What one grading took in the lane, ``cold`` or ``warm``. Raises RuntimeError when that gave no answer."""
        answer = self._ask(lane)
        self.title = f"{_commit(self._checkout)}, {answer['cases']} cases, {answer['verdict']}"
        return Spent(answer["wall_s"], answer["cpu_s"], 0.0)

    def _ask(self, lane: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(f"{lane}\n")
            self._process.stdin.flush()
            return dict(json.loads(self._process.stdout.readline()))
        except (BrokenPipeError, json.JSONDecodeError):
            raise RuntimeError(f"the judge of {self._checkout} gave no answer in the {lane} lane") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, and show the table."""
    options = _parse(arguments)
    checkouts = {"this": REPOSITORY, "other": options.checkout.resolve()}
    file = options.file.resolve()
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="judge-benchmarks-")))
        ways: dict[str, dict[str, Callable[[], Spent]]] = {way: {} for way in (*LANES, SINGLE)}
        gradings = {}
        for name, checkout in checkouts.items():
            exercise = checkout / options.exercise
            gradings[name] = stack.enter_context(Gradings(checkout, exercise, file))
            for lane in LANES:
                sys.stderr.write(f"before all rounds: {lane}, {name}\n")
                gradings[name].spent(lane)  # whatever is made once is made now
                ways[lane][name] = partial(gradings[name].spent, lane)
            ways[SINGLE][name] = partial(contenders.single_of, checkout, exercise, place, file)
        notes = [f"{name}: {one.title}." for name, one in gradings.items()]
        print(_table(file.name, measure(ways, options.rounds), notes).text())
    return 0


def measure(
    ways: Mapping[str, Mapping[str, Callable[[], Spent]]], rounds: int
) -> dict[str, dict[str, Series]]:
    """Both checkouts in turn in each of the ways, round after round."""
    series = {way: {name: Series() for name in contestants} for way, contestants in ways.items()}
    for number in range(rounds):
        for way, contestants in ways.items():
            for name, turn in in_turn(contestants, number):
                sys.stderr.write(f"round {number + 1}: {way}, {name}\n")
                series[way][name].add_batch(turn(), 1)
    return series


def _table(file: str, series: Mapping[str, Mapping[str, Series]], notes: Sequence[str]) -> Table:
    rows = []
    for way, both in series.items():
        this, other = both["this"].median, both["other"].median
        seconds = (this.cpu_s, other.cpu_s, this.wall_s, other.wall_s)
        ratios = (this.cpu_s / other.cpu_s, this.wall_s / other.wall_s)
        rows.append((way, *(f"{value:.2f}" for value in seconds), *map(times, ratios)))
    rounds = len(series[SINGLE]["this"].wall_s)
    header = ("way", "CPU s, this", "CPU s, other", "s, this", "s, other", "CPU / other", "time / other")
    return Table(f"{file}, medians over {rounds} rounds", header, tuple(rows), tuple(notes))


def _commit(checkout: Path) -> str:
    """What git calls the state of the files; the folder's name when it knows nothing of them."""
    command = ["git", "-C", str(checkout), "describe", "--always", "--dirty", "--abbrev=7"]
    told = subprocess.run(command, capture_output=True, text=True)
    return told.stdout.strip() if told.returncode == 0 else checkout.name


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    what = "Measure what a submission costs in this checkout, beside another one on the same machine."
    parser = rounds_parser("benchmarks.compare", what, 9)
    parser.add_argument("checkout", type=Path, metavar="CHECKOUT", help="the other one")
    parser.add_argument("file", type=Path, metavar="FILE", help="a submission that both can grade")
    parser.add_argument(
        "--exercise",
        default=".",
        metavar="DIR",
        help="the exercise's folder in both (default: the whole checkout)",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
