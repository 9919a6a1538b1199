"""A Report as the JSON document of `judge schema report`; `judge.reports.saved` reads it back with the same converter.

Numbers that JSON cannot represent: a compared value (expected, got, tolerance, difference) becomes the string
``"NaN"``, ``"Infinity"`` or ``"-Infinity"``; points and times become null.  Lone surrogates, which are not text,
are spelled out (``\\udcff``).  All else is read back unchanged.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from judge.model import SCHEMA_VERSION, Finding, Json, Limits, Notebook, Report
from judge.reports.escape import without_surrogates
from judge.reports.json_values import from_real, json_value, real

if TYPE_CHECKING:
    from cattrs import Converter

PLACES: Mapping[str, tuple[str, ...]] = {
    "exercise": ("exercise", "name"),
    "exercise_title": ("exercise", "title"),
    "exercise_digest": ("exercise", "digest"),
    "path": ("submission", "path"),
    "sha256": ("submission", "sha256"),
    "source": ("submission", "source"),
    "notebook": ("submission", "notebook"),
    "verdict": ("verdict",),
    "points": ("score", "points"),
    "out_of": ("score", "out_of"),
    "checks": ("checks",),
    "findings": ("findings",),
    "public_findings": ("public_findings",),
    "counterexample": ("counterexample",),
    "stdout": ("stdout",),
    "isolation": ("isolation",),
    "limits": ("limits",),
    "timing": ("timing",),
    "environment": ("environment",),
    "audience": ("audience",),
    "redacted_cases": ("redacted_cases",),
    "pack": ("pack",),
}
"""Where a report's fields are in the document, in the document's order."""

COMPARED = {"expected", "got", "tolerance", "difference"}
"""Fields with compared numbers, which are written also where they are not finite."""

MAY_BE_MISSING = {"notebook", "pack", "packaged", *Limits.__dataclass_fields__}
"""Fields that reports of older versions can lack."""


def report_to_json(report: Report) -> dict[str, Json]:
    """Return the document for one report, of JSON's own types, every number in it finite."""
    values = converter().unstructure(report)
    for findings, name in ((report.findings, "findings"), (report.public_findings, "public_findings")):
        values[name] = [
            _with_place(written, finding, report.notebook)
            for written, finding in zip(values[name], findings, strict=True)
        ]
    document: dict[str, Json] = {"schema_version": SCHEMA_VERSION}
    for name, (*section, key) in PLACES.items():
        (document.setdefault(section[0], {}) if section else document)[key] = values[name]
    return document


@functools.cache
def converter() -> Converter:
    """Return what writes the values of a report as JSON and reads them; ``PLACES`` says where they are."""
    from cattrs import Converter
    from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

    made = Converter(unstruct_collection_overrides={tuple: list})
    made.register_unstructure_hook(str, without_surrogates)
    made.register_unstructure_hook(float, _finite)
    made.register_structure_hook(str, _text)
    made.register_structure_hook(int, _whole)
    made.register_structure_hook(float, lambda value, _: math.nan if value is None else from_real(value))
    made.register_structure_hook(StrEnum, lambda value, kind: kind(value))  # else read as text
    made.register_unstructure_hook_func(_is_json_object, json_value)
    made.register_structure_hook_func(_is_json_object, lambda value, _: dict(value))

    @made.register_unstructure_hook_factory(is_dataclass)
    def write(kind: type) -> Callable[[Any], dict[str, Json]]:
        compared: Any = dict.fromkeys(
            COMPARED & {field.name for field in fields(kind)}, override(unstruct_hook=_compared)
        )
        return make_dict_unstructure_fn(kind, made, **compared)

    @made.register_structure_hook_factory(is_dataclass)
    def read(kind: type) -> Callable[[Any, Any], Any]:
        read_present: Callable[[Any, Any], Any] = make_dict_structure_fn(
            kind, made, _cattrs_forbid_extra_keys=kind is Limits
        )
        needed = [field.name for field in fields(kind) if field.name not in MAY_BE_MISSING]

        def read_complete(value: Json, kind: type) -> Any:
            if not isinstance(value, dict):
                raise TypeError(f"{value!r:.60} should be an object")
            for name in needed:
                if name not in value:
                    raise ValueError(f"the field '{name}' is missing")
            return read_present(value, kind)

        return read_complete

    return made


def _with_place(written: dict[str, Json], finding: Finding, notebook: Notebook | None) -> dict[str, Json]:
    """Add a finding's place: its span as cells and lines in them, None where it has no place in a cell."""
    rest = {name: written.pop(name) for name in ("facts", "checks", "read_next")}
    span = finding.span
    begin = notebook.place(span.line) if notebook is not None and span is not None else None
    end = notebook.place(span.end_line) if notebook is not None and span is not None else None
    place = None
    if begin is not None and end is not None:
        place = {"cell": begin[0], "line": begin[1], "end_cell": end[0], "end_line": end[1]}
    return {**written, "place": place, **rest}


def _is_json_object(kind: Any) -> bool:
    return bool(kind == Mapping[str, Json])


def _finite(value: float) -> float | None:
    return None if isinstance(real(value), str) else value


def _compared(value: float | tuple[float, ...] | None) -> Json:
    if value is None:
        return None
    return [real(one) for one in value] if isinstance(value, tuple) else real(value)


def _text(value: Json, _: type) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.60} should be text")
    return value


def _whole(value: Json, _: type) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r:.60} should be a whole number")
    return value
