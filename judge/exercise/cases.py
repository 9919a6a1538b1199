"""Reads cases/*.yaml: calls of the entry point, each with the reason why it is there."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from judge.exercise.definition import MAX_SIZE, NAME
from judge.exercise.fields import Value
from judge.exercise.generators import generate, read_numbers
from judge.exercise.misconceptions import misconception_names
from judge.exercise.problems import Problems, did_you_mean, shown
from judge.exercise.yaml_tree import read_yaml
from judge.model import Case, CaseId, Exercise, Inputs, Json, Origin, Parameter, Visibility

if TYPE_CHECKING:
    from judge.model import Array, Float64Array

GENERATED = "generated"
PINNED = "pinned"
_ORIGINS = {GENERATED: Origin.GENERATED, PINNED: Origin.PINNED}


@dataclass(frozen=True)
class CaseEntry:
    """A case as written in its file: what is graded, where it is written, and what its author claims.

    ``sees`` are the names of misconceptions that the case is meant to distinguish from the reference; ``keep`` is why
    it stays although other cases see the same; ``provenance`` is free-form: the origin of a generated or pinned case.
    """

    case: Case
    path: Path
    line: int
    sees: tuple[str, ...]
    provenance: Mapping[str, Json]
    keep: str = ""

    @property
    def file_name(self) -> str:
        return self.path.stem


def load_cases(exercise: Exercise) -> tuple[Case, ...]:
    """Return every case of an exercise, written ones first. Raises ExerciseError with all problems of all files."""
    return tuple(entry.case for entry in read_cases(exercise))


def read_cases(exercise: Exercise) -> tuple[CaseEntry, ...]:
    """Like ``load_cases``, with each case's place and claims."""
    problems = Problems(exercise.root)
    paths = sorted(exercise.cases_dir.glob("*.yaml"), key=lambda p: (p.stem in _ORIGINS, p.stem))
    known = misconception_names(exercise)
    entries = [entry for path in paths for entry in _read_file(path, exercise, known, problems)]
    for path in sorted(exercise.cases_dir.glob("*.yml")):
        problems.add(path, 0, "", f"is not read: call it {path.stem}.yaml")
    if not problems.found and not entries:
        problems.add(
            exercise.cases_dir, 0, "", "there is no case; 'judge cases new NAME' writes the first one"
        )
    first_by_digest: dict[str, CaseEntry] = {}
    for entry in entries:
        first = first_by_digest.setdefault(entry.case.digest, entry)
        if first is not entry:
            problems.add(entry.path, entry.line, entry.case.id, f"has the same inputs as {first.case.id}")
    problems.raise_if_any("the cases")
    return tuple(entries)


def _read_file(path: Path, exercise: Exercise, known: frozenset[str], problems: Problems) -> list[CaseEntry]:
    if not NAME.fullmatch(path.stem):
        problems.add(path, 0, "", "name the file in lower-case letters, digits and single hyphens")
        return []
    node = read_yaml(path, problems)
    if node is None:
        return []
    given = Value(node, "", path, problems).fields(
        ("cases",), ("provenance",), wanted="a mapping with 'cases'"
    )
    items = given["cases"].items(wanted="a list of cases") if "cases" in given else None
    entries: list[CaseEntry] = []
    lines: dict[str, int] = {}
    for item in items or ():
        entry = _read_case(item, exercise, known)
        if entry is None:
            continue
        name = entry.case.name
        if name in lines:
            item.complain(f"the name '{name}' is taken by the case on line {lines[name]}")
            continue
        lines[name] = entry.line
        entries.append(entry)
    return entries


def _read_case(item: Value, exercise: Exercise, known: frozenset[str]) -> CaseEntry | None:
    given = item.fields(("name", "why", "visibility", "inputs"), ("points", "sees", "keep", "provenance"))
    name = given["name"].text() if "name" in given else None
    if name is not None and not NAME.fullmatch(name):
        given["name"].complain(f"{shown(name)} is not a name: use lower-case letters, digits and hyphens")
        name = None
    why = (
        given["why"].text(wanted="text that says why the case is worth its time") if "why" in given else None
    )
    visibility = given["visibility"].choice(list(Visibility)) if "visibility" in given else None
    points = given["points"].number(0, 1e6) if "points" in given else 1.0
    sees = _sees(given["sees"], known) if "sees" in given else ()
    keep = given["keep"].text(wanted="text that says why the case stays") if "keep" in given else ""
    inputs = _inputs(given["inputs"], exercise) if "inputs" in given else None
    if name is None or why is None or visibility is None or points is None or inputs is None:
        return None
    case = Case(
        id=CaseId.of(item.path.stem, name),
        why=why.strip(),
        inputs=inputs,
        points=points,
        visibility=Visibility(visibility),
        origin=_ORIGINS.get(item.path.stem, Origin.WRITTEN),
        digest=digest_of_inputs(inputs),
    )
    provenance = given["provenance"].plain() if "provenance" in given else {}
    own = provenance if isinstance(provenance, dict) else {}
    return CaseEntry(case, item.path, item.node.line, sees, own, keep or "")


def _sees(value: Value, known: frozenset[str]) -> tuple[str, ...]:
    found: list[str] = []
    for item in value.items(wanted="a list of misconceptions") or ():
        name = item.text(wanted="a misconception's name")
        if name is None:
            continue
        if name not in known:
            item.complain(f"there is no misconception {shown(name)}{did_you_mean(name, known)}")
        elif name in found:
            item.complain(f"'{name}' is listed twice")
        else:
            found.append(name)
    return tuple(found)


def _inputs(value: Value, exercise: Exercise) -> Inputs | None:
    given = value.fields(
        tuple(p.name for p in exercise.parameters), wanted="a mapping of parameters to values"
    )
    sizes: dict[str, tuple[int, str]] = {}
    inputs: dict[str, float | int | Array] = {}
    for parameter in exercise.parameters:
        if parameter.name not in given:
            continue
        item = given[parameter.name]
        read = _array(item, parameter, sizes) if parameter.kind == "array" else _scalar(item, parameter)
        if read is not None:
            inputs[parameter.name] = read
    return inputs if len(inputs) == len(exercise.parameters) else None


def _scalar(item: Value, parameter: Parameter) -> float | int | None:
    if item.node.kind != "scalar":
        item.wrong("a number")
        return None
    return item.integer(-(2**63), 2**63 - 1) if parameter.kind == "int" else item.number()


def _array(item: Value, parameter: Parameter, sizes: dict[str, tuple[int, str]]) -> Array | None:
    if item.node.kind == "map":
        numbers = generate(item)
    elif item.node.kind == "list":
        numbers = read_numbers(item)
    else:
        item.wrong(f"an array of shape {_spelt(parameter.shape)}: a list or a generator")
        return None
    if numbers is None or not _fits(item, numbers, parameter, sizes):
        return None
    return _cast(item, numbers, parameter.dtype or "float64")


def _fits(
    item: Value, numbers: Float64Array, parameter: Parameter, sizes: dict[str, tuple[int, str]]
) -> bool:
    """Return True if an array has its parameter's declared shape, given the known sizes of its symbols."""
    declared = parameter.shape or ()
    if numbers.ndim != len(declared):
        item.complain(f"has shape {_spelt(numbers.shape)}, declared is {_spelt(declared)}")
        return False
    if numbers.size > MAX_SIZE:
        item.complain(f"{numbers.size} numbers are too many for one input (at most {MAX_SIZE})")
        return False
    for axis, (step, size) in enumerate(zip(declared, numbers.shape, strict=True)):
        if isinstance(step, int):
            if step != size:
                item.complain(f"has shape {_spelt(numbers.shape)}: axis {axis} is declared as {step}")
                return False
            continue
        known, where = sizes.setdefault(step, (size, parameter.name))
        if known != size:
            message = (
                f"has shape {_spelt(numbers.shape)}, so {step} = {size}, but {where} says {step} = {known}"
            )
            item.complain(message)
            return False
    return True


def _cast(item: Value, numbers: Float64Array, dtype: str) -> Array | None:
    kind = np.dtype(dtype)
    if kind.kind == "i":
        if not np.array_equal(numbers, np.trunc(numbers)):
            item.complain(f"holds fractions, and the parameter is {dtype}")
            return None
        if numbers.size and float(np.abs(numbers).max()) > np.iinfo(kind).max:
            item.complain(f"holds {np.abs(numbers).max():g}, which does not fit {dtype}")
            return None
    with np.errstate(over="ignore"):
        array: Array = np.ascontiguousarray(numbers.astype(kind))
    if not np.isfinite(array).all():
        item.complain(f"holds {np.abs(numbers).max():g}, which is not finite as {dtype}")
        return None
    array.setflags(write=False)
    return array


def _spelt(shape: tuple[str | int, ...] | None) -> str:
    return "[" + ", ".join(str(step) for step in shape or ()) + "]"


def digest_of_inputs(inputs: Inputs) -> str:
    """sha256 over names, dtypes, shapes and little-endian bytes: all that a solution can see."""
    total = hashlib.sha256()
    for name, value in inputs.items():
        if isinstance(value, np.ndarray):
            data = value.astype(value.dtype.newbyteorder("<"), copy=False).tobytes()
            head = f"{value.dtype.name}{value.shape}"
        elif isinstance(value, int):
            head, data = "int", str(value).encode()
        else:
            head, data = "float", struct.pack("<d", value)
        total.update(f"{name}\0{head}\0{len(data)}\0".encode() + data)
    return total.hexdigest()
