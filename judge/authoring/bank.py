"""The author's own solutions as one list: reference, oracle, accepted variants, misconceptions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from judge.exercise.goldens import require_solution
from judge.exercise.misconceptions import load_misconceptions
from judge.model import Exercise


class Role(StrEnum):
    REFERENCE = "reference"
    ORACLE = "oracle"
    ACCEPTED = "accepted"
    MISCONCEPTION = "misconception"


@dataclass(frozen=True)
class Solution:
    """One file of the bank; ``name`` is its place below the exercise's root, ``key`` how goldens call it."""

    role: Role
    name: str
    key: str
    source: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.source).hexdigest()


def reference_solution(exercise: Exercise) -> Solution:
    source = require_solution(exercise)
    return Solution(Role.REFERENCE, "reference/solution.py", "reference", source)


def right_solutions(exercise: Exercise) -> tuple[Solution, ...]:
    """The oracle, where there is one, and the accepted variants: all that must agree with the reference."""
    found = []
    oracle = exercise.reference_dir / "oracle.py"
    if oracle.is_file():
        found.append(Solution(Role.ORACLE, _place(exercise, oracle), "oracle", oracle.read_bytes()))
    for path in sorted(exercise.reference_dir.glob("accepted/*.py")):
        key = f"accepted/{path.stem}"
        found.append(Solution(Role.ACCEPTED, _place(exercise, path), key, path.read_bytes()))
    return tuple(found)


def wrong_solutions(exercise: Exercise) -> tuple[Solution, ...]:
    return tuple(
        Solution(Role.MISCONCEPTION, _place(exercise, m.path), m.name, m.source)
        for m in load_misconceptions(exercise)
    )


def _place(exercise: Exercise, path: Path) -> str:
    return path.relative_to(exercise.root).as_posix()
