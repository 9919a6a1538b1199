"""``judge start FILE``: writes a learner's first file, from the exercise's starter."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from judge.commands.options import Parser, add_exercise, open_exercise, parser_for
from judge.model import Exercise, ExerciseError, UsageError


def parser() -> Parser:
    """The arguments of ``judge start``."""
    parser = parser_for(
        "judge start FILE",
        "Write the exercise's starter file, and say what to do next.",
        "exit status: 0 written, 2 usage, 3 judge error",
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="what to write; refused when it is there already"
    )
    add_exercise(parser)
    return parser


def run(options: argparse.Namespace) -> int:
    """Write the starter file. Exit status 0."""
    sys.stdout.write(start_file(open_exercise(options), options.file))
    return 0


def start_file(exercise: Exercise, file: str | Path) -> str:
    """Write ``reference/starter.py`` of the exercise to a new file; the returned text says what to do next.

    Raises UsageError when the file exists, whatever it is (a link and a folder too), when its folder is missing or not
    writable, or when the name does not end in ``.py``; ExerciseError when the exercise has no starter.
    """
    target = Path(file)
    if target.suffix != ".py":
        raise UsageError(f"{target}: a submission's name ends in .py, so this would be {target.name}.py")
    source = exercise.reference_dir / "starter.py"
    try:
        text = source.read_bytes()
    except OSError as error:
        raise ExerciseError(f"{source}: the exercise has no usable starter ({error.strerror})") from None
    _write_new(target, text)
    statement = exercise.reference_dir / "statement.md"
    task = f"  1. Read what is asked: {statement}\n" if statement.is_file() else ""
    edit, grade = (2, 3) if task else (1, 2)
    return (
        f"{target} is ready.\n"
        f"{task}"
        f"  {edit}. Write the body of `{exercise.entry_point}` in {target}\n"
        f"  {grade}. See how it does: judge {shlex.quote(str(target))}\n"
    )


def _write_new(target: Path, text: bytes) -> None:
    """Write a new file; an existing one is left as it was, also when the disk is full."""
    try:
        # O_EXCL also refuses a link, so the learner's name alone decides where this lands.
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        raise UsageError(f"{target} is there already and is not overwritten; choose another name") from None
    except FileNotFoundError:
        raise UsageError(f"{target}: the folder {target.parent} does not exist") from None
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise UsageError(f"{target} cannot be written: {error.strerror}") from None
