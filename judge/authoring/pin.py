"""Writes the cases that the judge found itself: ``cases/generated.yaml`` and ``cases/pinned.yaml``."""

from __future__ import annotations

import hashlib
from pathlib import Path

from judge.authoring.case_yaml import NewCase, case_lines, schema_comment
from judge.exercise.cases import GENERATED, PINNED, digest_of_inputs, read_cases
from judge.exercise.definition import NAME
from judge.files import replace_exercise_files
from judge.model import Exercise, Inputs, UsageError, Visibility
from judge.solutions.fuzz import Failure
from judge.solutions.strategies import as_written

_HEAD = """\
# Inputs on which a submission was once wrong, shrunk and added by 'judge fuzz FILE --pin NAME'.
cases:
"""


def check_pin_name(exercise: Exercise, name: str) -> None:
    """Raise UsageError for an unusable name, before the search and not after it."""
    if not NAME.fullmatch(name):
        raise UsageError(f"--pin {name}: use lower-case letters, digits and single hyphens")
    if any(entry.case.id == f"{PINNED}/{name}" for entry in read_cases(exercise)):
        raise UsageError(f"--pin {name}: there is a case of that name in cases/{PINNED}.yaml already")


def case_with(exercise: Exercise, inputs: Inputs) -> str | None:
    """Return the id of the existing case with these inputs, whether pinned, drawn or written; None without one."""
    digest = digest_of_inputs(inputs)
    return next((entry.case.id for entry in read_cases(exercise) if entry.case.digest == digest), None)


def pin(exercise: Exercise, name: str, failure: Failure, source: bytes, file_name: str, seed: int) -> Path:
    """Append a counterexample to ``cases/pinned.yaml`` with its origin; return the file's path.

    Raises UsageError when there is a case with these inputs already.
    """
    if known := case_with(exercise, failure.inputs):
        raise UsageError(f"--pin {name}: {known} has these inputs already")
    case = NewCase(
        name=name,
        why=_why(failure),
        visibility=Visibility.HIDDEN,
        inputs=as_written(failure.inputs),
        provenance={
            "found_by": f"judge fuzz --seed {seed}",
            "file": file_name,
            "sha256": hashlib.sha256(source).hexdigest(),
        },
    )
    path = exercise.cases_dir / f"{PINNED}.yaml"
    before = path.read_text(encoding="utf-8") if path.is_file() else schema_comment(exercise) + _HEAD
    separator = "" if before.rstrip().endswith("cases:") else "\n"
    replace_exercise_files(
        {path: before.rstrip("\n") + "\n" + separator + "\n".join(case_lines(case)) + "\n"}
    )
    return path


def write_generated(exercise: Exercise, text: str) -> Path:
    """Replace ``cases/generated.yaml``."""
    path = exercise.cases_dir / f"{GENERATED}.yaml"
    replace_exercise_files({path: text})
    return path


def _why(failure: Failure) -> str:
    value, right = failure.answer.value, _numbers(failure.expected)
    if value is None:
        return f"A submission ended in {failure.answer.raises} here, where {right} is right."
    return f"A submission returned {_numbers(tuple(value.ravel()))} here, where {right} is right."


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.6g}" for value in values[:4])
