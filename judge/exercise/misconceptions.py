"""The bank of wrong solutions: read, never executed here.

A misconception is one file in ``reference/misconceptions/``.  Its stem with hyphens is its name, its docstring is the
page that explains it (first line: the title), and a module-level literal may say more than that:

    MISCONCEPTION = {
        "code": "step-too-long",           the finding's code (default: the name); several files may share one
        "numeric": True,                   whether it changes the returned numbers (default: True)
        "raises": None,                    the class of the exception that it ends in (default: None)
        "pitfall": None,                   the pitfall that its structure shows (default: None)
        "same_numbers_as": ["loss_summed"], others that no case can tell from it by numbers (default: [])
        "noisy": False,                    whether its own numbers depend on rounding (default: False)
        "evidence": "step-size-changed",   what in a run supports it, where others return the same numbers
        "blame": "optimizer-init",         the place to show in a file with this mistake
        "divergence": ["step: scaled"],    first differences from the reference's run that are this mistake
    }

The words of the last three are the engine's (`judge.vocabulary`).
"""

from __future__ import annotations

import ast
import hashlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from judge.exercise.definition import NAME
from judge.exercise.misconception import Misconception
from judge.exercise.packs.misconceptions import read_packed
from judge.exercise.problems import Problems, did_you_mean, shown
from judge.model import Exercise, Json
from judge.syntax import parse
from judge.vocabulary import DIFFERENCES, Blame, Difference, Evidence

DECLARATION = "MISCONCEPTION"
DIAGNOSIS_FIELDS = frozenset({"evidence", "blame", "divergence"})
"""The fields that only a diagnosis reads: goldens stay valid when they change."""
FIELDS = frozenset({"code", "numeric", "raises", "pitfall", "same_numbers_as", "noisy", *DIAGNOSIS_FIELDS})
_Word = TypeVar("_Word", bound=StrEnum)


def misconception_paths(exercise: Exercise) -> tuple[Path, ...]:
    return tuple(sorted(exercise.reference_dir.glob("misconceptions/*.py")))


def misconception_names(exercise: Exercise) -> frozenset[str]:
    """The names in the bank, from file names alone."""
    return frozenset(_name(path.stem) for path in misconception_paths(exercise))


def load_misconceptions(exercise: Exercise) -> tuple[Misconception, ...]:
    """Return the bank, sorted by name. Raises ExerciseError that names every unusable file."""
    if exercise.public:
        return read_packed(exercise.root)
    problems = Problems(exercise.root)
    known = misconception_names(exercise)
    read = [_read(path, known, problems) for path in misconception_paths(exercise)]
    found = sorted((m for m in read if m is not None), key=lambda m: m.name)
    _refuse_ambiguous(found, problems)
    problems.raise_if_any("the misconceptions")
    return tuple(found)


def _refuse_ambiguous(found: Sequence[Misconception], problems: Problems) -> None:
    """Add a problem for each difference that leads to more than one code."""
    first: dict[Difference, Misconception] = {}
    for misconception in found:
        for difference in misconception.differences:
            other = first.setdefault(difference, misconception)
            if other.code != misconception.code:
                message = f"'{difference}' is {other.name} already, whose code is {other.code}"
                problems.add(misconception.path, misconception.line, f"{DECLARATION}.divergence", message)


def recorded_digest(source: bytes) -> str:
    """sha256 of a wrong solution as it was recorded: without the entries that only a diagnosis reads."""
    return hashlib.sha256(_without_diagnosis(source)).hexdigest()


def _without_diagnosis(source: bytes) -> bytes:
    """The source without those entries, each with the comma that separates it from its neighbour."""
    declared = _declared_dict(source) if any(field.encode() in source for field in DIAGNOSIS_FIELDS) else None
    if declared is None:
        return source
    starts = [0]
    for row in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(row))
    entries = [
        (
            isinstance(key, ast.Constant) and key.value in DIAGNOSIS_FIELDS,
            starts[key.lineno - 1] + key.col_offset,
            starts[(value.end_lineno or value.lineno) - 1] + (value.end_col_offset or 0),
        )
        for key, value in zip(declared.keys, declared.values, strict=True)
        if key is not None
    ]
    kept = [index for index, (drop, _, _) in enumerate(entries) if not drop]
    for index, (drop, begin, end) in reversed(list(enumerate(entries))):
        if not drop:
            continue
        if kept and index < kept[0]:
            end = entries[index + 1][1]
        elif index:
            begin = entries[index - 1][2]
        source = source[:begin] + source[end:]
    return source


def _declared_dict(source: bytes) -> ast.Dict | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    found = (value for _, names, value in _assignments(tree) if DECLARATION in names)
    declared = next(found, None)
    return declared if isinstance(declared, ast.Dict) else None


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
            )  # an invalid escape in a wrong solution does not concern this reader
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
        evidence=fields.word("evidence", Evidence),
        blame=fields.word("blame", Blame),
        differences=fields.differences("divergence"),
        line=line,
    )


def _declaration(tree: ast.Module, path: Path, problems: Problems) -> tuple[int, Mapping[str, Json]]:
    for line, names, value in _assignments(tree):
        if DECLARATION not in names:
            continue
        try:
            declared = ast.literal_eval(value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            declared = None
        if isinstance(declared, dict) and all(isinstance(key, str) for key in declared):
            return line, declared
        message = f"must be a literal dict with text keys, got {shown(ast.unparse(value))}"
        problems.add(path, line, DECLARATION, message)
    return 1, {}


def _assignments(tree: ast.Module) -> Iterator[tuple[int, list[str], ast.expr]]:
    """Line, names and value of each assignment of the module itself."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            yield statement.lineno, names, statement.value
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names = [statement.target.id]
            yield from [(statement.lineno, names, statement.value)] if statement.value is not None else []


class _Declared:
    """Typed access to a declaration; a wrong value becomes a problem and reads as the default."""

    def __init__(self, path: Path, line: int, problems: Problems, declared: Mapping[str, Json]) -> None:
        self._path, self._line, self._problems, self._declared = path, line, problems, declared
        for key in declared.keys() - FIELDS:
            self._complain("", f"unknown field {shown(key)}{did_you_mean(key, FIELDS)}")

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

    def word(self, field: str, known: type[_Word]) -> _Word | None:
        value = self.text(field)
        words = {str(word): word for word in known}
        if value is not None and value not in words:
            self._complain(field, f"there is no word {shown(value)}{did_you_mean(value, words)}")
        return words.get(value) if value is not None else None

    def differences(self, field: str) -> tuple[Difference, ...]:
        declared = self._declared.get(field, [])
        values = [declared] if isinstance(declared, str) else declared
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            self._complain(field, f"expected 'stage: shape', or a list of such, got {shown(declared)}")
            return ()
        for value in values:
            if value not in DIFFERENCES:
                self._complain(field, f"there is no difference {shown(value)}{_nearest_difference(value)}")
        return tuple(DIFFERENCES[value] for value in values if value in DIFFERENCES)


def _nearest_difference(value: str) -> str:
    """The hint for an unknown difference: among the shapes of its stage, where that is known."""
    stage = value.partition(":")[0]
    of_stage = [words for words, it in DIFFERENCES.items() if it.stage == stage]
    return did_you_mean(value, of_stage or DIFFERENCES)
