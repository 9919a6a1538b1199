"""`judge prepare`: does the slow work of this machine once, so that the first grading does not wait for it."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from judge.commands.options import (
    Parser,
    accept_from,
    add_exercise,
    add_isolation,
    parser_for,
)
from judge.model import JudgeError

if TYPE_CHECKING:
    from judge.grade import LoadedExercise


def parser() -> Parser:
    """The arguments of ``judge prepare``."""
    parser = parser_for(
        "judge prepare [--exercise PLACE]",
        "Compile what grading runs, for the exercise and for the one that comes with judge, into the cache folder.",
        "exit status: 0 ready, 2 usage, 3 judge error",
    )
    add_exercise(parser)
    add_isolation(parser)
    return parser


def run(options: argparse.Namespace) -> int:
    """Build what is missing. Exit status 0; raises JudgeError where nothing could be kept."""
    for loaded in _loaded_exercises(options):
        _prepare(loaded, accept_from(options, own_practice=loaded.exercise.public))
    return 0


def _loaded_exercises(options: argparse.Namespace) -> Iterator[LoadedExercise]:
    """Yield the exercise that is asked for, then the one that comes with judge, for folders without one."""
    from judge.exercise.packs.packaged import PACKAGED
    from judge.grader import load_exercise_with_goldens

    asked = load_exercise_with_goldens(options.exercise, or_packaged=True)
    yield asked
    packaged = asked.exercise.pack is not None and asked.exercise.pack.packaged
    if PACKAGED.is_file() and not packaged:
        yield load_exercise_with_goldens(PACKAGED)


def _prepare(loaded: LoadedExercise, accept: str) -> None:
    from judge.grader import Grader
    from judge.progress import compiling, notify
    from judge.sandbox.warmup.program_cache import usual_place
    from judge.solutions.reproduce import other_versions

    if not loaded.programs.plan.sources and not other_versions(loaded):
        _say(loaded, "nothing to compile, since it has no solutions")
        return
    loaded.programs.say = lambda line: notify([line])
    started = time.monotonic()
    with Grader.of(loaded, accept=accept) as grader, compiling() as on_progress:
        counted: list[int] = []

        def tell(done: int, of: int) -> None:
            counted.append(of)
            on_progress(done, of)

        notices = grader.prepare(tell)
    if loaded.programs.problem:
        raise JudgeError(f"{loaded.exercise.title}: {loaded.programs.notice}")
    notify(notices)
    took = f"compiled in {time.monotonic() - started:.0f} s" if counted else "was ready already"
    _say(loaded, f"{took}, in {usual_place()}")


def _say(loaded: LoadedExercise, what: str) -> None:
    sys.stdout.write(f"{loaded.exercise.title}: {what}\n")
    sys.stdout.flush()
