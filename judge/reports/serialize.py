"""A Report as the JSON document of `judge schema report`; `judge.reports.saved` reads it back.

Numbers that JSON cannot represent: a compared value (expected, got, tolerance, difference) becomes the string
``"NaN"``, ``"Infinity"`` or ``"-Infinity"``; points and times become null.  Lone surrogates, which are not text,
are spelled out (``\\udcff``).  All else is read back unchanged.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from judge.model import (
    SCHEMA_VERSION,
    CheckResult,
    Counterexample,
    Finding,
    Json,
    Notebook,
    Report,
    SourceSpan,
)
from judge.reports.escape import without_surrogates
from judge.reports.json_values import json_value, real


def report_to_json(report: Report) -> dict[str, Json]:
    """Return the document for one report, of JSON's own types, every number in it finite."""
    return {
        "schema_version": SCHEMA_VERSION,
        "exercise": {
            "name": _text(report.exercise),
            "title": _text(report.exercise_title),
            "digest": _text(report.exercise_digest),
        },
        "submission": {
            "path": _text(report.path),
            "sha256": _text(report.sha256),
            "source": _text(report.source),
            "notebook": None if report.notebook is None else _notebook(report.notebook),
        },
        "verdict": report.verdict.value,
        "score": {"points": _finite(report.points), "out_of": _finite(report.out_of)},
        "checks": [_check(check) for check in report.checks],
        "findings": [_finding(finding, report.notebook) for finding in report.findings],
        "public_findings": [_finding(finding, report.notebook) for finding in report.public_findings],
        "counterexample": None if report.counterexample is None else _counterexample(report.counterexample),
        "stdout": _text(report.stdout),
        "isolation": {
            "level": _text(report.isolation.level),
            "layers": _texts(report.isolation.layers),
            "missing": _texts(report.isolation.missing),
        },
        "limits": {name: _finite(value) for name, value in dataclasses.asdict(report.limits).items()},
        "timing": json_value(report.timing),
        "environment": {_text(name): _text(value) for name, value in report.environment.items()},
        "audience": _text(report.audience),
        "redacted_cases": report.redacted_cases,
        "pack": None if report.pack is None else dataclasses.asdict(report.pack),
    }


def _check(check: CheckResult) -> dict[str, Json]:
    return {
        "id": _text(check.id),
        "kind": check.kind.value,
        "title": _text(check.title),
        "outcome": check.outcome.value,
        "points": _finite(check.points),
        "out_of": _finite(check.out_of),
        "visibility": check.visibility.value,
        "expected": _reals(check.expected),
        "got": _reals(check.got),
        "tolerance": None if check.tolerance is None else real(check.tolerance),
        "difference": None if check.difference is None else real(check.difference),
        "wall_s": _finite(check.wall_s),
        "reason": _text(check.reason),
        "stdout": _text(check.stdout),
    }


def _notebook(notebook: Notebook) -> dict[str, Json]:
    return {
        "cells": [dataclasses.asdict(cell) for cell in notebook.cells],
        "notes": _texts(notebook.notes),
    }


def _place(span: SourceSpan | None, notebook: Notebook) -> Json:
    """Return a span as cells and lines in them; None where it has no place in a cell."""
    begin = notebook.place(span.line) if span is not None else None
    end = notebook.place(span.end_line) if span is not None else None
    if begin is None or end is None:
        return None
    return {"cell": begin[0], "line": begin[1], "end_cell": end[0], "end_line": end[1]}


def _finding(finding: Finding, notebook: Notebook | None) -> dict[str, Json]:
    return {
        "code": _text(finding.code),
        "severity": finding.severity.value,
        "title": _text(finding.title),
        "message": _text(finding.message),
        "span": None if finding.span is None else dataclasses.asdict(finding.span),
        "place": None if notebook is None else _place(finding.span, notebook),
        "facts": json_value(finding.facts),
        "checks": _texts(finding.checks),
        "read_next": _texts(finding.read_next),
    }


def _counterexample(example: Counterexample) -> dict[str, Json]:
    return {
        "inputs": json_value(example.inputs),
        "expected": _reals(example.expected),
        "got": _reals(example.got),
        "raised": None if example.raised is None else _text(example.raised),
        "tolerance": real(example.tolerance),
    }


def _finite(value: float | None) -> float | None:
    return None if value is None or isinstance(real(value), str) else value


def _reals(values: Sequence[float] | None) -> list[Json] | None:
    return None if values is None else [real(value) for value in values]


def _text(value: str) -> str:
    return without_surrogates(value)


def _texts(values: Sequence[str]) -> list[str]:
    return [_text(value) for value in values]
