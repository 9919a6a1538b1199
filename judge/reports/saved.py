"""Reads a Report back from the JSON of `judge.reports.serialize`: for resuming a batch and for comparing two runs."""

from __future__ import annotations

import json
import re
from typing import NoReturn

from judge.model import SCHEMA_VERSION, Json, Report
from judge.reports.serialize import MAY_BE_MISSING, PLACES, converter

MAX_PROBLEMS = 3


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
    from cattrs import BaseValidationError, transform_error

    values = {name: _value(document, name) for name in PLACES}
    try:
        return converter().structure(values, Report)
    except BaseValidationError as error:
        problems = transform_error(error, "", lambda cause, _: str(cause))
        raise SavedReportError(f"not a report: {'; '.join(map(_located, problems[:MAX_PROBLEMS]))}") from None


def _value(document: Json, name: str) -> Json:
    value = document
    for key in PLACES[name]:
        if not isinstance(value, dict) or (key not in value and name not in MAY_BE_MISSING):
            raise SavedReportError(f"not a report: the field '{'.'.join(PLACES[name])}' is missing")
        value = value.get(key)
    return value


def _located(problem: str) -> str:
    """Return ``PLACE: WHAT`` for ``WHAT @ .PLACE``, the place as it is called in the document."""
    what, _, path = problem.rpartition(" @ .")
    name, rest = re.split(r"(?!\w)", path, maxsplit=1)
    return f"{'.'.join(PLACES.get(name, (name,)))}{rest}: {what}"


def _no_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
