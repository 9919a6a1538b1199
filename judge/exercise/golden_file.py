"""The format of cases/goldens/*.json: one readable file per case file, floats in their shortest exact form."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from judge.model import CaseId, Event, Golden, Json, StaleGoldensError, WrongReturn

if TYPE_CHECKING:
    from judge.model import Float64Array

FORMAT = 1
MENDING_COMMAND = "judge cases record"
NO_NUMBERS = "no numbers"
"""Recorded for a misconception that returns something other than an array of real numbers."""


@dataclass(frozen=True)
class RecordedCase:
    """A golden with its derivation: the relative tolerance, and each source of noise by name."""

    golden: Golden
    relative_tolerance: float
    noise_from: Mapping[str, float]


@dataclass(frozen=True)
class GoldenFile:
    """One file of goldens.

    ``digests`` maps files (relative to the exercise) to sha256; ``environment`` holds versions, flags and
    platform of the place where the numbers were computed.
    """

    digests: Mapping[str, str]
    environment: Mapping[str, str]
    tolerance_rule: Mapping[str, float]
    cases: Mapping[str, RecordedCase] = field(default_factory=dict)
    """By case id."""


def read_golden_file(path: Path) -> GoldenFile:
    """Read a file of goldens. Raises StaleGoldensError if it is not what ``judge cases record`` writes."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']!r}, this judge reads {FORMAT}")
        return GoldenFile(
            digests=_texts(data["digests"]),
            environment=_texts(data["environment"]),
            tolerance_rule={str(k): float(v) for k, v in data["tolerance_rule"].items()},
            cases={
                (case_id := CaseId.of(path.stem, name)): _recorded(case_id, entry)
                for name, entry in data["cases"].items()
            },
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        reason = f"no field {error}" if isinstance(error, KeyError) else str(error)
        raise StaleGoldensError(
            f"{path}: no file of goldens ({reason}); '{MENDING_COMMAND}' mends this"
        ) from error


def render_golden_file(file: GoldenFile) -> str:
    """The text of a file of goldens: sorted, floats in their shortest exact form."""
    document = {
        "format": FORMAT,
        "note": f"written by '{MENDING_COMMAND}'; do not edit",
        "environment": dict(sorted(file.environment.items())),
        "digests": dict(sorted(file.digests.items())),
        "tolerance_rule": dict(sorted(file.tolerance_rule.items())),
        "cases": {
            CaseId(case_id).name: {
                "inputs_sha256": recorded.golden.case_digest,
                "expected": _numbers_out(recorded.golden.expected),
                "tolerance": recorded.golden.tolerance,
                "relative_tolerance": recorded.relative_tolerance,
                "noise": recorded.golden.noise,
                "noise_from": dict(sorted(recorded.noise_from.items())),
                "events": [[event.kind, dict(event.facts)] for event in recorded.golden.events or ()],
                "misconceptions": _returns_out(recorded.golden.misconceptions),
                **({"scaled": _returns_out(recorded.golden.scaled)} if recorded.golden.scaled else {}),
            }
            for case_id, recorded in sorted(file.cases.items())
        },
    }
    return _dump(document) + "\n"


def _recorded(case_id: str, entry: Json) -> RecordedCase:
    expected = _numbers_in(entry["expected"])
    golden = Golden(
        case_id=case_id,
        case_digest=str(entry["inputs_sha256"]),
        expected=expected,
        tolerance=float(entry["tolerance"]),
        noise=float(entry["noise"]),
        misconceptions=_returns_in(entry["misconceptions"]),
        events=tuple(Event(str(kind), None, dict(facts)) for kind, facts in entry["events"])
        if "events" in entry
        else None,
        scaled=_returns_in(entry.get("scaled", {})),
    )
    if not (np.isfinite(expected).all() and math.isfinite(golden.tolerance) and golden.tolerance >= 0):
        raise ValueError(f"{case_id} is recorded without a finite value and tolerance")
    sources = {str(k): float(v) for k, v in entry["noise_from"].items()}
    return RecordedCase(golden, float(entry["relative_tolerance"]), sources)


def _returns_out(returns: Mapping[str, WrongReturn]) -> dict[str, Json]:
    return {
        name: {"value": _numbers_out(it.value)} if it.value is not None else {"raises": it.raises or ""}
        for name, it in sorted(returns.items())
    }


def _returns_in(entries: Mapping[str, Json]) -> dict[str, WrongReturn]:
    return {
        str(name): WrongReturn(_numbers_in(it["value"]), None)
        if "value" in it
        else WrongReturn(None, str(it["raises"]))
        for name, it in entries.items()
    }


def _numbers_out(array: Float64Array) -> Json:
    """An array as nested lists; infinities and NaN, which JSON lacks, as text."""
    if array.ndim == 0:
        number = float(array)
        return number if math.isfinite(number) else str(number)
    return [_numbers_out(part) for part in array] if array.size else {"empty": list(array.shape)}


def _numbers_in(value: Json) -> Float64Array:
    if isinstance(value, dict):
        return np.zeros(tuple(int(size) for size in value["empty"]), dtype=np.float64)
    array = np.asarray(value, dtype=np.float64)
    array.setflags(write=False)
    return array


def _texts(value: Mapping[str, Json]) -> dict[str, str]:
    return {str(key): str(text) for key, text in value.items()}


def _dump(value: Json, indent: str = "") -> str:
    """JSON with one line per entry, except that lists of numbers stay on one line."""
    deeper = indent + "  "
    is_list = isinstance(value, list) and bool(value)
    if is_list and all(isinstance(item, list) and item and isinstance(item[0], str) for item in value):
        lines = ",\n".join(f"{deeper}{json.dumps(item, allow_nan=False)}" for item in value)
        return f"[\n{lines}\n{indent}]"
    if isinstance(value, dict) and value and not _is_leaf(value):
        inner = ",\n".join(f"{deeper}{json.dumps(k)}: {_dump(v, deeper)}" for k, v in value.items())
        return f"{{\n{inner}\n{indent}}}"
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def _is_leaf(value: Mapping[str, Json]) -> bool:
    return len(value) == 1 and not any(isinstance(part, dict) for part in value.values())
