"""How long learners wait for a mistake to be named: ``python -m benchmarks.mistakes``.

``judge FILE``, as a learner calls it, for a right file, for wrong ones and for files that stop with an error, in turn.
Medians over the rounds are compared with that of the right file. Wanted: a wrong file within 1.5 times its time, a file
that always raises the same exception in at most half of it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks import tree
from benchmarks.contenders import REPOSITORY, judge_command
from benchmarks.options import rounds_parser
from benchmarks.rounds import Series, in_turn
from benchmarks.tables import Table, times
from benchmarks.tree import Spent

RIGHT = "alice"
KINDS = {
    RIGHT: "right",
    "alex": "pitfall",
    "charlie": "wrong answer",
    "quinn": "wrong answer",
    "taylor": "wrong answer",
    "robin": "always raises",
    "sam": "always raises",
    "avery": "syntax error",
}
"""Examples in ``submissions/``, and what they are."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and show the table."""
    rounds = rounds_parser("benchmarks.mistakes", __doc__, 5).parse_args(arguments).rounds
    with tempfile.TemporaryDirectory(prefix="judge-benchmarks-") as place:
        sys.stderr.write("compiled programs\n")
        tree.run(judge_command("prepare", "--exercise", str(REPOSITORY), checkout=REPOSITORY), cwd=Path(place))
        ways = {name: partial(judged, name, Path(place)) for name in KINDS}
        for name, way in ways.items():
            sys.stderr.write(f"before all rounds: {name}\n")
            way()
        print(table(measure(ways, rounds)).text())
    return 0


def judged(name: str, place: Path) -> Spent:
    """Return what ``judge submissions/NAME.py`` took. Raises RuntimeError when it was not graded."""
    file = REPOSITORY / "submissions" / f"{name}.py"
    spent = tree.run(judge_command(str(file), "--exercise", str(REPOSITORY), checkout=REPOSITORY), cwd=place)
    if spent.exit_status not in (0, 1):
        raise RuntimeError(f"{file} was not graded: {spent.output[-2000:]}")
    return spent


def measure(ways: Mapping[str, Callable[[], Spent]], rounds: int) -> dict[str, Series]:
    """Take every way once in each round, starting with another one each time."""
    series = {name: Series() for name in ways}
    for number in range(rounds):
        for name, way in in_turn(ways, number):
            sys.stderr.write(f"round {number + 1}: {name}\n")
            series[name].add_batch(way(), 1)
    return series


def table(series: Mapping[str, Series]) -> Table:
    """Return seconds for each file, and their ratio to those of the right file."""
    right = series[RIGHT].median
    rows = []
    for name, one in series.items():
        spent = one.median
        ratio = times(spent.wall_s / right.wall_s)
        rows.append((f"{name}.py", KINDS[name], f"{spent.cpu_s:.2f}", f"{spent.wall_s:.2f}", ratio))
    rounds = len(series[RIGHT].wall_s)
    header = ("file", "kind", "CPU s", "s", f"s / {RIGHT}.py")
    return Table(f"judge FILE, medians over {rounds} rounds", header, tuple(rows))


if __name__ == "__main__":
    sys.exit(main())
