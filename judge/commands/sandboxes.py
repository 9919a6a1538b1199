"""The options and sandboxes of commands that run trusted solutions, and how they print."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from judge.batch.pool import processors
from judge.commands.options import accept_from, add_exercise, add_isolation
from judge.model import Exercise

if TYPE_CHECKING:
    from judge.sandbox import Sandbox


def add_runs(parser: argparse.ArgumentParser, *, jobs: bool = False) -> None:
    """Add the options of a command that runs solutions."""
    add_exercise(parser)
    if jobs:
        parser.add_argument(
            "-j",
            "--jobs",
            type=count,
            default=processors(),
            metavar="N",
            help="solutions run side by side (default: one per processor)",
        )
    add_isolation(parser)


def count(text: str) -> int:
    """An argparse type: a whole number from 1 up."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return number


@contextmanager
def sandboxes(
    options: argparse.Namespace, exercise: Exercise, count: int, *, compiled: bool = True
) -> Iterator[Sequence[Sandbox]]:
    """Create this many sandboxes, each on its own processor as far as there are enough.

    With ``compiled`` they use the exercise's compiled programs if these are in the user's cache: much faster, and the
    same bits. ``judge cases record --check`` does without, so that goldens are confirmed by programs that were compiled
    from their sources alone.
    """
    from judge.exercise import load_cases
    from judge.sandbox import CompiledPrograms, Sandbox
    from judge.solutions.runner import AUTHOR_LIMITS

    accept = accept_from(options)
    processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    programs = CompiledPrograms(exercise, load_cases(exercise)) if compiled else None
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                Sandbox(
                    AUTHOR_LIMITS,
                    accept=accept,
                    affinity=(processors[index % len(processors)],),
                    secrets=(exercise.root,),
                    programs=programs,
                )
            )
            for index in range(count)
        ]


def say(line: str = "") -> None:
    """Print a line and flush it."""
    print(line, flush=True)


def print_json(document: Any) -> None:
    """Print a document for programs."""
    say(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
