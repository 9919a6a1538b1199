"""The ways to have submissions graded that are compared, each as the command that somebody would give.

Batches and naive grade several files at a time, on all processors; the others one file after another. A sample is
enough for all but the whole batch (see `benchmarks.rounds`).
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import tree
from benchmarks.tree import Spent
from judge.grade import LoadedExercise

TIME_LIMIT_S = 5.0
"""For one call, in the judge, where hanging submissions are among them: three such calls, and it gives one up."""
NAIVE_LIMIT_S = 30.0
"""What a hanging one costs a pytest run: right ones take a third of it, so a teacher could not choose much less."""
REPOSITORY = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Graded:
    """What a folder took, and what came of each file: verdict, points and codes, by file name."""

    spent: Spent
    results: dict[str, tuple[str, float, tuple[str, ...]]]
    lanes: Counter[str]
    cpu_s: dict[str, float]


def naive(loaded: LoadedExercise, place: Path, submissions: Sequence[Path], jobs: int) -> Spent:
    """One process for each submission, ``jobs`` at a time: pytest, with nothing compiled before and no sandbox."""
    cases = place / "cases.pickle"
    if not cases.exists():
        cases.write_bytes(pickle.dumps(_for_pytest(loaded)))
    environment = {
        **os.environ,
        "CASES": str(cases),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # what else is installed here is no teacher's fault
    }
    written = Path(__file__).parent
    (place / "test_cases.py").write_bytes((written / "naive_cases.py").read_bytes())
    command = [sys.executable, "-P", str(written / "naive_loop.py"), str(jobs), *map(str, submissions)]
    spent = tree.run(command, cwd=place, environment=environment)
    if spent.exit_status != 0:
        raise RuntimeError(f"pytest could not run: {spent.output[-2000:]}")
    return spent


def single(loaded: LoadedExercise, place: Path, submission: Path, *limits: str) -> Spent:
    """``judge FILE``: one process that starts, grades one submission and ends."""
    return single_of(REPOSITORY, loaded.exercise.root, place, submission, *limits)


def single_of(checkout: Path, exercise: Path, place: Path, submission: Path, *limits: str) -> Spent:
    """The same by the judge of any checkout."""
    command = judge_command(
        str(submission), "--exercise", str(exercise), "--no-shrink", *limits, checkout=checkout
    )
    spent = tree.run(command, cwd=place)
    _require_graded(spent)
    return spent


def batch(loaded: LoadedExercise, place: Path, folder: Path, jobs: int, *options: str) -> Graded:
    """``judge FOLDER``: it starts in the cold lane and goes over to the warm one when that is ready."""
    out = place / f"results of {folder.name}"
    command = _grade(loaded, folder, "-o", str(out), "-j", str(jobs), "--fresh", *options)
    spent = tree.run(command, cwd=place)
    _require_graded(spent)
    summary = json.loads((out / "summary.json").read_text())
    if not summary["complete"]:
        raise RuntimeError(f"the batch did not finish: {spent.output[-2000:]}")
    rows = {Path(row["path"]).name: row for row in summary["reports"]}
    return Graded(
        spent,
        {
            name: (row["verdict"], row["score"]["points"], tuple(row["findings"]))
            for name, row in rows.items()
        },
        Counter(row["timing"]["lane"] for row in rows.values()),
        {name: row["timing"]["cpu_s"] for name, row in rows.items()},
    )


def judge_command(*arguments: str, checkout: Path = REPOSITORY) -> list[str]:
    """The judge of this repository or of another checkout, from whatever folder."""
    program = (
        f"import sys; sys.path.insert(0, {str(checkout)!r}); from judge.cli import main; sys.exit(main())"
    )
    return [sys.executable, "-c", program, *arguments]


def _grade(loaded: LoadedExercise, what: Path, *options: str) -> list[str]:
    return judge_command(str(what), "--exercise", str(loaded.exercise.root), *options)


def _require_graded(spent: Spent) -> None:
    if spent.exit_status not in (0, 1):
        raise RuntimeError(f"the judge failed: {spent.output[-2000:]}")


def _for_pytest(loaded: LoadedExercise) -> dict[str, tuple[Sequence[object], object, object]]:
    return {
        case.id: (
            list(case.inputs.values()),
            loaded.goldens[case.id].expected,
            loaded.goldens[case.id].tolerance,
        )
        for case in loaded.cases
    }
