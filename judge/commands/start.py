"""``judge start FILE``: writes a learner's first file, from the exercise's starter."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
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
    place = [] if options.exercise == Path(".") else ["--exercise", str(options.exercise)]
    sys.stdout.write(start_file(open_exercise(options), options.file, place))
    return 0


def start_file(exercise: Exercise, file: str | Path, options: Sequence[str] = ()) -> str:
    """Write the exercise's starter to a new file; the returned text says what to do next.

    ``options`` are those that the next command needs as well. The statement of a public pack is written beside it.

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
    statement = _statement(exercise, target)
    task = f"  1. Read what is asked: {statement}\n" if statement is not None else ""
    edit, grade = (2, 3) if task else (1, 2)
    return (
        f"{target} is ready.\n"
        f"{task}"
        f"  {edit}. Write the body of `{exercise.entry_point}` in {target}\n"
        f"  {grade}. See how it does: {shlex.join(['judge', str(target), *options])}\n"
    )


def _statement(exercise: Exercise, target: Path) -> Path | None:
    """Return the file that tells the task, if there is one; a pack in a file has none that stays, so it is copied."""
    source = exercise.reference_dir / "statement.md"
    if not source.is_file():
        return None
    if not exercise.public:
        return source
    copy = target.with_name(f"{target.stem}.statement.md")
    if not copy.exists():
        _write_new(copy, source.read_bytes())
    return copy


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
