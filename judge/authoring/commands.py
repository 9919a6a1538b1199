"""The command line of authors: ``judge cases record|check|...`` and ``judge fuzz``.

Heavy modules are imported by the command that needs them.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judge.model import Exercise, StaleGoldensError

if TYPE_CHECKING:
    from judge.sandbox import Sandbox

DONE, FAILED = 0, 1


def add_parser(subparsers: Any) -> None:
    """Mount ``cases`` and ``fuzz`` (the argparse object that ``add_subparsers`` returns)."""
    cases = subparsers.add_parser(
        "cases", help="record, check, draw, mutate, new, show: the exercise's cases"
    )
    verbs = cases.add_subparsers(required=True, metavar="VERB", parser_class=type(cases))
    _add_record(verbs)


def _common(parser: argparse.ArgumentParser, *, runs: bool = True) -> None:
    parser.add_argument(
        "--exercise",
        type=Path,
        default=Path("."),
        metavar="DIR",
        help="the exercise's folder (default: the nearest one at or above the current folder)",
    )
    if not runs:
        return
    parser.add_argument(
        "-j", "--jobs", type=_count, default=1, metavar="N", help="solutions run side by side"
    )
    parser.add_argument("--accept-weak", action="store_true", help="run even when isolation is only 'weak'")
    parser.add_argument("--unsafe-no-sandbox", action="store_true", help="run with no isolation at all")


def _count(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return number


def open_exercise(options: argparse.Namespace) -> Exercise:
    from judge.exercise import find_exercise, load_exercise

    return load_exercise(find_exercise(options.exercise))


@contextmanager
def sandboxes(options: argparse.Namespace, exercise: Exercise, count: int) -> Iterator[Sequence[Sandbox]]:
    """This many sandboxes, each on a processor of its own as far as there are enough."""
    from judge.authoring.players import PATIENT
    from judge.sandbox import Sandbox

    accept = "good"
    if options.unsafe_no_sandbox:
        accept = "none"
    elif options.accept_weak:
        accept = "weak"
    processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                Sandbox(
                    PATIENT,
                    accept=accept,
                    affinity=(processors[index % len(processors)],),
                    secrets=(exercise.root,),
                )
            )
            for index in range(count)
        ]


def _say(line: str = "") -> None:
    print(line, file=sys.stdout, flush=True)


# ------------------------------------------------------------------------------------------------------- record


def _add_record(verbs: Any) -> None:
    parser = verbs.add_parser(
        "record",
        help="run what changed on every case and write the goldens",
        description="Run the reference, the accepted variants and the misconceptions on every case that is new or "
        "changed, say what moved, and write cases/goldens/.",
    )
    _common(parser)
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail when a golden is stale or this machine's reference gives another value",
    )
    parser.set_defaults(command=_record)


def _record(options: argparse.Namespace) -> int:
    from judge.authoring.progress import progress
    from judge.authoring.record import record, write

    exercise = open_exercise(options)
    if options.check:
        return _check_recorded(options, exercise)
    with sandboxes(options, exercise, options.jobs) as runners, ExitStack() as stack:
        recording = record(exercise, runners, lambda count: stack.enter_context(progress("recording", count)))
    for line in recording.moved:
        _say(line)
    write(recording)
    if recording.changes:
        names = ", ".join(sorted(path.name for path in recording.files))
        _say(f"{recording.runs} runs; wrote {names} in {exercise.goldens_dir.relative_to(exercise.root)}/")
    else:
        _say("nothing changed; the goldens are as they were")
    return DONE


def _check_recorded(options: argparse.Namespace, exercise: Exercise) -> int:
    from judge.authoring.progress import progress
    from judge.authoring.reproduce import reproduce
    from judge.exercise import load_cases, load_goldens

    cases = load_cases(exercise)
    goldens = load_goldens(exercise, cases)
    with sandboxes(options, exercise, 1) as (runner,), progress("reference", len(cases)) as step:
        differences = reproduce(exercise, runner, cases, goldens, step)
    if differences:
        raise StaleGoldensError(
            "this machine's reference does not give the recorded values; 'judge cases record' makes them anew\n  "
            + "\n  ".join(differences)
        )
    _say(f"{len(cases)} cases: goldens are current, and the reference gives them here")
    return DONE
