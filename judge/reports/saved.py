"""Reads a Report back from the JSON of `judge.reports.serialize`: for resuming a batch and for comparing two runs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import NoReturn

from judge.model import (
    SCHEMA_VERSION,
    CellLines,
    CheckKind,
    CheckResult,
    Counterexample,
    Finding,
    Isolation,
    IsolationLevel,
    Json,
    Limits,
    Notebook,
    Outcome,
    PackInfo,
    Report,
    Severity,
    SourceSpan,
    Verdict,
    Visibility,
)
from judge.reports.json_values import from_real


class SavedReportError(ValueError):
    """A text is not a report that this version can read; the message says why."""


def report_from_json(text: str | bytes) -> Report:
    """Return the Report that was written as this JSON text.  SavedReportError if it is none, or of another version."""
    try:
        document = json.loads(text, parse_constant=_no_json)
    except (ValueError, RecursionError) as error:
        raise SavedReportError(f"not JSON: {error}") from None
    return report_from_document(document)


def report_from_document(document: Json) -> Report:
    """Return the Report of an already parsed document; see ``report_from_json``."""
    if not isinstance(document, dict):
        raise SavedReportError("not a report: the document is no JSON object")
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise SavedReportError(f"schema_version is {version!r}; this judge reads {SCHEMA_VERSION}")
    try:
        return _report(document)
    except KeyError as error:
        raise SavedReportError(f"not a report: the field {error} is missing") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise SavedReportError(f"not a report: {error}") from None


def _no_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _report(document: Mapping[str, Json]) -> Report:
    exercise, submission, score = document["exercise"], document["submission"], document["score"]
    isolation, example = document["isolation"], document["counterexample"]
    return Report(
        exercise=_str(exercise["name"]),
        exercise_title=_str(exercise["title"]),
        exercise_digest=_str(exercise["digest"]),
        path=_str(submission["path"]),
        sha256=_str(submission["sha256"]),
        source=_str(submission["source"]),
        verdict=Verdict(document["verdict"]),
        points=_points(score["points"]),
        out_of=_points(score["out_of"]),
        checks=tuple(_check_from(check) for check in document["checks"]),
        findings=tuple(_finding_from(finding) for finding in document["findings"]),
        public_findings=tuple(_finding_from(finding) for finding in document["public_findings"]),
        isolation=Isolation(
            IsolationLevel(isolation["level"]), _strs(isolation["layers"]), _strs(isolation["missing"])
        ),
        limits=Limits(**{name: _points(value) for name, value in document["limits"].items()}),
        timing=dict(document["timing"]),
        environment={name: _str(value) for name, value in document["environment"].items()},
        stdout=_str(document["stdout"]),
        counterexample=None if example is None else _counterexample_from(example),
        audience=_str(document["audience"]),
        redacted_cases=int(document["redacted_cases"]),
        pack=None if document.get("pack") is None else _pack_from(document["pack"]),
        notebook=_notebook_from(submission.get("notebook")),
    )


def _pack_from(pack: Mapping[str, Json]) -> PackInfo:
    return PackInfo(
        public=bool(pack["public"]),
        exercise_digest=_str(pack["exercise_digest"]),
        hidden_cases=int(pack["hidden_cases"]),
        hidden_points=_points(pack["hidden_points"]),
        packaged=bool(pack.get("packaged", False)),
    )


def _notebook_from(notebook: Mapping[str, Json] | None) -> Notebook | None:
    if notebook is None:  # also in reports from before notebooks were read
        return None
    cells = tuple(
        CellLines(*map(int, (one["cell"], one["first"], one["count"]))) for one in notebook["cells"]
    )
    return Notebook(cells, _strs(notebook["notes"]))


def _check_from(check: Mapping[str, Json]) -> CheckResult:
    return CheckResult(
        id=_str(check["id"]),
        kind=CheckKind(check["kind"]),
        title=_str(check["title"]),
        outcome=Outcome(check["outcome"]),
        points=_points(check["points"]),
        out_of=_points(check["out_of"]),
        visibility=Visibility(check["visibility"]),
        expected=_reals_from(check["expected"]),
        got=_reals_from(check["got"]),
        tolerance=None if check["tolerance"] is None else from_real(check["tolerance"]),
        difference=None if check["difference"] is None else from_real(check["difference"]),
        wall_s=None if check["wall_s"] is None else from_real(check["wall_s"]),
        reason=_str(check["reason"]),
        stdout=_str(check["stdout"]),
    )


def _finding_from(finding: Mapping[str, Json]) -> Finding:
    return Finding(
        code=_str(finding["code"]),
        severity=Severity(finding["severity"]),
        title=_str(finding["title"]),
        message=_str(finding["message"]),
        span=None if finding["span"] is None else SourceSpan(**finding["span"]),
        facts=dict(finding["facts"]),
        checks=_strs(finding["checks"]),
        read_next=_strs(finding["read_next"]),
    )


def _counterexample_from(example: Mapping[str, Json]) -> Counterexample:
    return Counterexample(
        inputs=dict(example["inputs"]),
        expected=_reals_from(example["expected"]) or (),
        got=_reals_from(example["got"]),
        raised=None if example["raised"] is None else _str(example["raised"]),
        tolerance=from_real(example["tolerance"]),
    )


def _points(value: Json) -> Json:
    return math.nan if value is None else from_real(value)


def _reals_from(values: Json) -> tuple[float, ...] | None:
    return None if values is None else tuple(from_real(value) for value in values)


def _str(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.60} should be text")
    return value


def _strs(values: Json) -> tuple[str, ...]:
    return tuple(_str(value) for value in values)
