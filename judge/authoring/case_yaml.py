"""Cases as YAML text: literal values in their shortest exact form, for generated and pinned cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from judge.model import Exercise, Visibility
from judge.schema import schema_file_name

if TYPE_CHECKING:
    from judge.model import Array

_WRAP = 100
_SCHEMA_COMMENT = "# yaml-language-server:"


@dataclass(frozen=True)
class NewCase:
    """A case to be written; ``provenance`` is copied into the file unchanged."""

    name: str
    why: str
    visibility: Visibility
    inputs: Mapping[str, object]
    """Numbers and arrays, or generators as mappings."""
    sees: Sequence[str] = ()
    provenance: Mapping[str, str | float | int] | None = None
    points: float = 1.0


def schema_comment(exercise: Exercise) -> str:
    """Return the editors' schema comment, as the exercise's other files have it; '' without one and without schema."""
    for other in sorted(exercise.cases_dir.glob("*.yaml")):
        first = other.read_text(encoding="utf-8").partition("\n")[0]
        if first.startswith(_SCHEMA_COMMENT):
            return f"{first}\n"
    own = exercise.cases_dir / schema_file_name("cases")
    return f"{_SCHEMA_COMMENT} $schema={own.name}\n" if own.is_file() else ""


def case_lines(case: NewCase) -> list[str]:
    """Return the lines of one entry of ``cases``, indented as in the case files."""
    lines = [
        f"  - name: {case.name}",
        f"    why: {quoted(case.why)}",
        f"    visibility: {case.visibility.value}",
    ]
    if case.points != 1:
        lines.append(f"    points: {number_text(case.points)}")
    if case.sees:
        lines.append(f"    sees: [{', '.join(case.sees)}]")
    if case.provenance:
        lines.append("    provenance:")
        lines += [f"      {key}: {_scalar(value)}" for key, value in case.provenance.items()]
    lines.append("    inputs:")
    for name, value in case.inputs.items():
        lines += _input_lines(name, value)
    return lines


def quoted(text: str) -> str:
    """Return any text as a double-quoted YAML scalar on one line."""
    return f'"{"".join(_escaped(char) for char in " ".join(text.split()))}"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:  # half of a surrogate pair, from a file name: YAML cannot hold it
        return "\ufffd"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _scalar(value: str | float | int) -> str:
    return quoted(value) if isinstance(value, str) else number_text(value)


def _input_lines(name: str, value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [f"      {name}: {_generator_text(value)}"]
    if not isinstance(value, np.ndarray):
        assert isinstance(value, int | float)
        return [f"      {name}: {number_text(value)}"]
    one_line = f"      {name}: {_array_text(value)}"
    if value.ndim < 2 or len(one_line) <= _WRAP:
        return [one_line]
    return [f"      {name}:", *[f"        - {_array_text(row)}" for row in value]]


def _generator_text(value: object) -> str:
    """Return a generator on one line, as authors write it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_generator_text(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_generator_text, value)) + "]"
    assert isinstance(value, int | float)
    return number_text(value)


def _array_text(array: Array) -> str:
    if array.ndim == 0:
        return number_text(array.dtype.type(array))
    return "[" + ", ".join(_array_text(part) for part in array) + "]"


def number_text(number: float | int | np.generic) -> str:
    """Return the shortest text that reads back as the same number of the same type."""
    if isinstance(number, np.floating):
        text = str(number)
    elif isinstance(number, float):
        text = repr(number)
    else:
        text = str(int(number))
    return text.removesuffix(".0") if "e" not in text and text not in ("-0.0", "0.0") else text
