"""The author's own solutions as one list: reference, oracle, accepted variants, misconceptions."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from judge.diagnosis.second_look import is_silent
from judge.exercise.goldens import require_solution
from judge.exercise.misconceptions import load_misconceptions, recorded_digest
from judge.exercise.solution_keys import ORACLE, REFERENCE, accepted
from judge.model import Exercise, ExerciseError
from judge.syntax import parse


class Role(StrEnum):
    REFERENCE = "reference"
    ORACLE = "oracle"
    ACCEPTED = "accepted"
    MISCONCEPTION = "misconception"


@dataclass(frozen=True)
class Solution:
    """One file of the bank; ``name`` is its path below the exercise's root, ``key`` its name in goldens."""

    role: Role
    name: str
    key: str
    source: bytes
    silent: bool = False
    """True if it has a pitfall but returns right numbers."""

    @property
    def sha256(self) -> str:
        """The digest by which goldens identify it."""
        if self.role is Role.MISCONCEPTION:
            return recorded_digest(self.source)
        return hashlib.sha256(self.source).hexdigest()

    @property
    def has_second_look(self) -> bool:
        """True if its results with other optimizers are recorded."""
        return self.silent or self.role is not Role.MISCONCEPTION


def reference_solution(exercise: Exercise) -> Solution:
    source = require_solution(exercise)
    return _python(Solution(Role.REFERENCE, "reference/solution.py", REFERENCE, source))


def right_solutions(exercise: Exercise) -> tuple[Solution, ...]:
    """Return the oracle, where there is one, and the accepted variants: all must agree with the reference."""
    found = []
    oracle = exercise.reference_dir / "oracle.py"
    if oracle.is_file():
        found.append(_python(Solution(Role.ORACLE, _place(exercise, oracle), ORACLE, _read(oracle))))
    for path in sorted(exercise.reference_dir.glob("accepted/*.py")):
        key = accepted(path.stem)
        found.append(_python(Solution(Role.ACCEPTED, _place(exercise, path), key, _read(path))))
    return tuple(found)


def wrong_solutions(exercise: Exercise) -> tuple[Solution, ...]:
    return tuple(
        Solution(Role.MISCONCEPTION, _place(exercise, m.path), m.name, m.source, is_silent(m))
        for m in load_misconceptions(exercise)
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ExerciseError(f"{path}: cannot be read: {error.strerror or error}") from error


def _python(solution: Solution) -> Solution:
    """Return the solution. ExerciseError with its line when it is not Python (it is parsed here, and run elsewhere)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as an invalid escape: it runs nevertheless
            parse(solution.source)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        line = getattr(error, "lineno", None) or 1
        reason = getattr(error, "msg", None) or str(error) or "is nested too deeply"
        raise ExerciseError(f"{solution.name}:{line}: is not Python: {reason}") from error
    return solution


def _place(exercise: Exercise, path: Path) -> str:
    return path.relative_to(exercise.root).as_posix()
