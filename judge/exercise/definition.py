"""Finds an exercise, and reads its exercise.yaml."""

from __future__ import annotations

import hashlib
import keyword
import re
from collections.abc import Iterator
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from judge.exercise.fields import Value
from judge.exercise.packs.manifest import FILE as MANIFEST
from judge.exercise.packs.manifest import digest_of, is_pack, read_manifest
from judge.exercise.packs.misconceptions import read_packed
from judge.exercise.packs.unpack import unpacked
from judge.exercise.problems import Problems, shown
from judge.exercise.yaml_tree import read_yaml
from judge.model import (
    Exercise,
    ExerciseError,
    Limits,
    OutputSpec,
    PackInfo,
    Parameter,
    PitfallSpec,
    Severity,
    ToleranceRule,
    UsageError,
)

Shape: TypeAlias = "tuple[str | int, ...]"

DEFINITION = Path("reference", "exercise.yaml")
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
KINDS = ("float", "int", "array")
DTYPES = ("float32", "float64", "int32", "int64")
MAX_SIZE = 1_000_000
_MAX_RANK = 4


def find_exercise(start: Path) -> Path:
    """Return the nearest folder at or above ``start`` that holds an exercise or an unpacked pack.

    A pack in a file is unpacked first. Raises UsageError when there is nothing, PackError when a pack is not usable.
    """
    if start.is_file():
        return unpacked(start)
    absolute = start.resolve()
    for folder in (absolute, *absolute.parents):
        if (folder / DEFINITION).is_file() or is_pack(folder):
            return folder
    raise UsageError(
        f"no exercise at or above {start}: looked for {DEFINITION}; name its folder with --exercise DIR"
    )


def load_exercise(root: Path) -> Exercise:
    """Load the exercise in a folder.

    Raises UsageError when the folder holds none, ExerciseError with every problem when it is malformed.
    """
    root = root.resolve()
    pack = read_manifest(root).info if is_pack(root) else None
    path = root / (DEFINITION.name if pack and pack.public else DEFINITION)
    if not path.is_file():
        raise UsageError(f"no exercise in {root}: it has no {path.relative_to(root)}")
    if pack and pack.public:
        read_packed(root)  # once here, so that a broken one is found wherever a pack is opened
    problems = Problems(root)
    node = read_yaml(path, problems)
    exercise = _exercise(root, Value(node, "", path, problems), pack) if node else None
    problems.raise_if_any("the exercise")
    assert exercise is not None
    return exercise


def _exercise(root: Path, document: Value, pack: PackInfo | None) -> Exercise | None:
    given = document.fields(
        ("name", "title", "entry_point", "parameters", "output"), ("limits", "tolerance", "pitfalls")
    )
    name = _name(given["name"]) if "name" in given else None
    title = given["title"].text() if "title" in given else None
    entry_point = _identifier(given["entry_point"]) if "entry_point" in given else None
    parameters = _parameters(given["parameters"]) if "parameters" in given else ()
    symbols = {step for p in parameters for step in p.shape or () if isinstance(step, str)}
    output = _output(given["output"], symbols) if "output" in given else None
    limits = replace(Limits(), **_numbers(given["limits"], Limits)) if "limits" in given else Limits()
    tolerance = ToleranceRule()
    if "tolerance" in given:
        tolerance = replace(tolerance, **_numbers(given["tolerance"], ToleranceRule))
    pitfalls = _pitfalls(given["pitfalls"]) if "pitfalls" in given else ()
    if name is None or title is None or entry_point is None or output is None:
        return None
    return Exercise(
        name=name,
        title=title,
        root=root,
        entry_point=entry_point,
        parameters=parameters,
        output=output,
        limits=limits,
        pitfalls=pitfalls,
        tolerance=tolerance,
        digest=digest_of_exercise(root),
        pack=pack,
    )


def _name(value: Value) -> str | None:
    text = value.text()
    if text is not None and not NAME.fullmatch(text):
        value.complain(f"{shown(text)} is not a name: use lower-case letters, digits and single hyphens")
        return None
    return text


def _identifier(value: Value) -> str | None:
    text = value.text()
    if text is not None and (not text.isidentifier() or keyword.iskeyword(text)):
        value.complain(f"{shown(text)} is not a Python name")
        return None
    return text


def _parameters(value: Value) -> tuple[Parameter, ...]:
    found: dict[str, Parameter] = {}
    items = value.items(wanted="a list of parameters, in the order of the call")
    if items == []:
        value.complain("at least one parameter is needed")
    for item in items or ():
        given = item.fields(("name", "kind"), ("dtype", "shape"))
        name = _identifier(given["name"]) if "name" in given else None
        kind = given["kind"].choice(KINDS) if "kind" in given else None
        if name is None or kind is None:
            continue
        if name in found:
            given["name"].complain(f"two parameters are called '{name}'")
            continue
        dtype: str | None = None
        shape: Shape | None = None
        if kind == "array":
            for needed in {"dtype", "shape"} - given.keys():
                item.complain(f"the field '{needed}' is missing: an array needs it")
            dtype = given["dtype"].choice(DTYPES) if "dtype" in given else None
            shape = read_shape(given["shape"]) if "shape" in given else None
        else:
            for extra in ({"dtype", "shape"} & given.keys()) if kind else ():
                given[extra].complain(f"only an array has a {extra}, and '{name}' is of kind {kind}")
        found[name] = Parameter(name, kind, dtype, shape)
    return tuple(found.values())


def read_shape(value: Value) -> Shape | None:
    """A shape of symbols and sizes, for instance ``[N, 3]``."""
    items = value.items(wanted="a shape such as [N, 3]")
    if items is None:
        return None
    if not 1 <= len(items) <= _MAX_RANK:
        value.complain(f"a shape has between 1 and {_MAX_RANK} entries, got {len(items)}")
        return None
    steps: list[str | int] = []
    for item in items:
        if isinstance(item.node.value, str):
            if not item.node.value.isidentifier():
                item.complain(f"{shown(item.node.value)} is no symbol: use a name or a size")
            steps.append(item.node.value)
        else:
            size = item.integer(1, MAX_SIZE)
            steps.append(1 if size is None else size)
    return tuple(steps)


def _output(value: Value, symbols: set[str]) -> OutputSpec | None:
    given = value.fields(("shape",))
    shape = read_shape(given["shape"]) if "shape" in given else None
    if shape is None:
        return None
    for step in shape:
        if isinstance(step, str) and step not in symbols:
            names = ", ".join(sorted(symbols)) or "none"
            given["shape"].complain(f"the symbol '{step}' stands in no parameter's shape (there: {names})")
    return OutputSpec(shape)


def _numbers(value: Value, kind: type[Limits] | type[ToleranceRule]) -> dict[str, Any]:
    """Positive numbers for the fields of a dataclass; whole ones where its default is whole."""
    defaults = {field.name: field.default for field in dataclass_fields(kind)}
    found: dict[str, float] = {}
    for name, given in value.fields((), tuple(defaults)).items():
        number: float | None
        if isinstance(defaults[name], int):
            number = given.integer(1, 1_000_000)
        else:
            number = given.number()
            if number is not None and number <= 0:
                given.complain(f"{given.node.text} is not above 0")
                number = None
        if number is not None:
            found[name] = number
    return found


def _pitfalls(value: Value) -> tuple[PitfallSpec, ...]:
    found = []
    for code, entry in (value.entries(wanted="a mapping of codes") or {}).items():
        if not NAME.fullmatch(code):
            entry.complain(f"{shown(code)} is not a code: use lower-case letters, digits and hyphens")
            continue
        given = entry.fields(("severity",), ("points",))
        severity = given["severity"].choice([s.value for s in Severity]) if "severity" in given else None
        points = given["points"].number(0) if "points" in given else 0.0
        if severity is not None and points is not None:
            found.append(PitfallSpec(code, Severity(severity), points))
    return tuple(found)


def files_that_decide(root: Path) -> Iterator[Path]:
    """The files of an exercise that can change a verdict."""
    yield from root.glob("reference/*.yaml")
    yield from root.glob("reference/**/*.py")
    yield from root.glob("cases/*.yaml")
    yield from root.glob("cases/goldens/*.json")


def digest_of_exercise(root: Path) -> str:
    """sha256 over the files that can change a verdict: their paths relative to ``root`` and their bytes.

    For a pack, of its pack.json, which lists them.
    """
    if is_pack(root):
        return digest_of((root / MANIFEST).read_bytes())
    total = hashlib.sha256()
    for path in sorted(files_that_decide(root)):
        try:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise ExerciseError(f"{path}: cannot be read: {error.strerror or error}") from error
        total.update(f"{path.relative_to(root).as_posix()}\0{content}\n".encode())
    return total.hexdigest()
