"""The bank of wrong solutions: read, never executed here.

A misconception is one file in ``reference/misconceptions/``: its stem with hyphens is the code, its docstring
is the page that explains it (first line: the title), and a module-level ``MISCONCEPTION = {...}`` literal may
declare more.
"""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from judge.exercise.definition import NAME
from judge.exercise.problems import Problems, shown
from judge.model import Exercise, Json

DECLARATION = "MISCONCEPTION"


@dataclass(frozen=True)
class Misconception:
    """One wrong solution and its page; ``declared`` is the ``MISCONCEPTION`` literal ({} without one)."""

    code: str
    title: str
    page: str
    path: Path
    source: bytes
    declared: Mapping[str, Json]
    line: int
    """Where ``declared`` stands (1 without one)."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.source).hexdigest()


def misconception_paths(exercise: Exercise) -> tuple[Path, ...]:
    return tuple(sorted(exercise.reference_dir.glob("misconceptions/*.py")))


def misconception_codes(exercise: Exercise) -> frozenset[str]:
    """The codes that the bank knows, from file names alone."""
    return frozenset(_code(path) for path in misconception_paths(exercise))


def load_misconceptions(exercise: Exercise) -> tuple[Misconception, ...]:
    """The bank, sorted by code; ExerciseError names every file that is not usable."""
    problems = Problems(exercise.root)
    found = [_read(path, problems) for path in misconception_paths(exercise)]
    problems.raise_if_any("the misconceptions")
    return tuple(sorted((m for m in found if m is not None), key=lambda m: m.code))


def _code(path: Path) -> str:
    return path.stem.replace("_", "-")


def _read(path: Path, problems: Problems) -> Misconception | None:
    code = _code(path)
    if not NAME.fullmatch(code):
        problems.add(path, 0, "", "name the file in lower-case letters, digits and underscores")
        return None
    try:
        source = path.read_bytes()
    except OSError as error:
        problems.add(path, 0, "", f"cannot be read: {error.strerror or error}")
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # an invalid escape in a wrong solution is not our reader's business
            tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        problems.add(path, getattr(error, "lineno", None) or 0, "", f"is not Python: {error}")
        return None
    page = (ast.get_docstring(tree) or "").strip()
    if not page:
        problems.add(path, 1, "", "has no docstring: it is the page that explains the misconception")
        return None
    declared, line = _declaration(tree, path, problems)
    return Misconception(code, page.splitlines()[0].strip(), page, path, source, declared, line)


def _declaration(tree: ast.Module, path: Path, problems: Problems) -> tuple[Mapping[str, Json], int]:
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            value: ast.expr | None = statement.value
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names, value = [statement.target.id], statement.value
        else:
            continue
        if DECLARATION not in names or value is None:
            continue
        try:
            declared = ast.literal_eval(value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            declared = None
        if isinstance(declared, dict) and all(isinstance(key, str) for key in declared):
            return declared, statement.lineno
        message = f"must be a literal dict with text keys, got {shown(ast.unparse(value))}"
        problems.add(path, statement.lineno, DECLARATION, message)
    return {}, 1
