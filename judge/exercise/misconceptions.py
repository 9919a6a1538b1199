"""The bank of wrong solutions: read, never executed here.

A misconception is one file in ``reference/misconceptions/``.  Its stem with hyphens is its name, its docstring is the
page that explains it (first line: the title), and a module-level literal may say more than that:

    MISCONCEPTION = {
        "code": "loss-not-mean",           the finding's code (default: the name); several files may share one
        "numeric": True,                   whether it changes the returned numbers (default: True)
        "raises": None,                    the class of the exception that it ends in (default: None)
        "pitfall": None,                   the pitfall that its structure shows (default: None)
        "same_numbers_as": ["lr_misused"], others that no case can tell from it by numbers (default: [])
        "noisy": False,                    whether its own numbers depend on rounding (default: False)
    }
"""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from judge.exercise.definition import NAME
from judge.exercise.problems import Problems, did_you_mean, shown
from judge.model import Exercise, Json
from judge.syntax import parse

DECLARATION = "MISCONCEPTION"
_FIELDS = frozenset({"code", "numeric", "raises", "pitfall", "same_numbers_as", "noisy"})


@dataclass(frozen=True)
class Misconception:
    """One wrong solution, its page, and what its ``MISCONCEPTION`` literal declares."""

    name: str
    """Unique: the file's stem with hyphens. Goldens and the ``sees`` of cases use it."""
    code: str
    """The finding's code; shared by files that are the same mistake in other clothes."""
    title: str
    page: str
    path: Path
    source: bytes
    numeric: bool = True
    raises: str | None = None
    pitfall: str | None = None
    same_numbers_as: frozenset[str] = frozenset()
    """Names of others that return the same numbers on every case, so that only structure tells them apart."""
    noisy: bool = False
    """Its own numbers depend on rounding (jit or eager, one machine or another), so nobody's need to equal them."""
    line: int = 1
    """Where the declaration stands."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.source).hexdigest()


def misconception_paths(exercise: Exercise) -> tuple[Path, ...]:
    return tuple(sorted(exercise.reference_dir.glob("misconceptions/*.py")))


def misconception_names(exercise: Exercise) -> frozenset[str]:
    """The names that the bank knows, from file names alone."""
    return frozenset(_name(path.stem) for path in misconception_paths(exercise))


def load_misconceptions(exercise: Exercise) -> tuple[Misconception, ...]:
    """The bank, sorted by name; ExerciseError names every file that is not usable."""
    problems = Problems(exercise.root)
    known = misconception_names(exercise)
    found = [_read(path, known, problems) for path in misconception_paths(exercise)]
    problems.raise_if_any("the misconceptions")
    return tuple(sorted((m for m in found if m is not None), key=lambda m: m.name))


def _name(stem: str) -> str:
    return stem.replace("_", "-")


def _read(path: Path, known: frozenset[str], problems: Problems) -> Misconception | None:
    name = _name(path.stem)
    if not NAME.fullmatch(name):
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
            tree = parse(source)
    except (SyntaxError, ValueError) as error:
        problems.add(path, getattr(error, "lineno", None) or 0, "", f"is not Python: {error}")
        return None
    page = (ast.get_docstring(tree) or "").strip()
    if not page:
        problems.add(path, 1, "", "has no docstring: it is the page that explains the misconception")
        return None
    title = page.splitlines()[0].strip()
    line, declared = _declaration(tree, path, problems)
    fields = _Declared(path, line, problems, declared)
    return Misconception(
        name=name,
        code=fields.code(name),
        title=title,
        page=page,
        path=path,
        source=source,
        numeric=fields.boolean("numeric", True),
        raises=fields.text("raises"),
        pitfall=fields.text("pitfall"),
        same_numbers_as=fields.names("same_numbers_as", known - {name}),
        noisy=fields.boolean("noisy", False),
        line=line,
    )


def _declaration(tree: ast.Module, path: Path, problems: Problems) -> tuple[int, Mapping[str, Json]]:
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
            return statement.lineno, declared
        message = f"must be a literal dict with text keys, got {shown(ast.unparse(value))}"
        problems.add(path, statement.lineno, DECLARATION, message)
    return 1, {}


class _Declared:
    """Typed access to a declaration; what is wrong becomes a problem and reads as the default."""

    def __init__(self, path: Path, line: int, problems: Problems, declared: Mapping[str, Json]) -> None:
        self._path, self._line, self._problems, self._declared = path, line, problems, declared
        for key in declared.keys() - _FIELDS:
            self._complain("", f"unknown field {shown(key)}{did_you_mean(key, _FIELDS)}")

    def _complain(self, field: str, message: str) -> None:
        name = f"{DECLARATION}.{field}" if field else DECLARATION
        self._problems.add(self._path, self._line, name, message)

    def boolean(self, field: str, default: bool) -> bool:
        value = self._declared.get(field, default)
        if not isinstance(value, bool):
            self._complain(field, f"expected True or False, got {shown(value)}")
            return default
        return value

    def text(self, field: str) -> str | None:
        value = self._declared.get(field)
        if value is not None and (not isinstance(value, str) or not value):
            self._complain(field, f"expected text or None, got {shown(value)}")
            return None
        return value

    def code(self, default: str) -> str:
        value = self.text("code")
        if value is not None and not NAME.fullmatch(value):
            self._complain(
                "code", f"{shown(value)} is not a code: use lower-case letters, digits and hyphens"
            )
        return value or default

    def names(self, field: str, known: frozenset[str]) -> frozenset[str]:
        value = self._declared.get(field, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._complain(field, f"expected a list of names, got {shown(value)}")
            return frozenset()
        for item in value:
            if _name(item) not in known:
                message = f"there is no other misconception {shown(item)}{did_you_mean(_name(item), known)}"
                self._complain(field, message)
        return frozenset(_name(item) for item in value)
