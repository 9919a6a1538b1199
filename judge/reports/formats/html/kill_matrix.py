"""Cases x misconceptions: what each case detects, and which mistakes no case detects.

The matrix is what ``judge.exercise.kill_matrix.Matrix.to_json`` returns.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from judge.model import Json
from judge.reports.formats.html.submission import line
from judge.reports.formats.html.template import fill
from judge.reports.phrases import counted, tolerances_off
from judge.reports.queries import finite

_SEES = ("seen", "raises", "other-form")


@dataclass(frozen=True)
class Sight:
    """A cell as it is drawn: the class that colours it, its sign, and the same in words."""

    colour: str
    sign: str
    words: str
    sees: bool


def kill_matrix(matrix: Json) -> Markup:
    """Return the section with the table; empty when the matrix has no case or no misconception."""
    cases = [one for one in matrix.get("cases", ()) if isinstance(one, Mapping)]
    mistakes = [one for one in matrix.get("misconceptions", ()) if isinstance(one, Mapping)]
    if not cases or not mistakes:
        return Markup()
    rows = [[_sight(matrix, case, mistake) for mistake in mistakes] for case in cases]
    detected_by = [sum(row[column].sees for row in rows) for column in range(len(mistakes))]
    missed = [many == 0 and _numeric(one) for one, many in zip(mistakes, detected_by, strict=True)]
    return fill(
        "kill_matrix.html",
        counts=f"{counted(len(cases), 'case')}, {counted(len(mistakes), 'misconception')}",
        unseen=[_name(one) for one, nobody in zip(mistakes, missed, strict=True) if nobody],
        mistakes=[
            {
                "title": line(str(one.get("title", ""))),
                "name": _name(one),
                "detected_by": many,
                "missed": nobody,
            }
            for one, many, nobody in zip(mistakes, detected_by, missed, strict=True)
        ],
        cases=[
            {
                "name": _name(case),
                "hidden": case.get("visibility") == "hidden",
                "cells": row,
                "sees": sum(one.sees for one in row),
            }
            for case, row in zip(cases, rows, strict=True)
        ],
    )


def _sight(matrix: Json, case: Mapping[str, Json], mistake: Mapping[str, Json]) -> Sight:
    by_case = matrix.get("cells", {}).get(case.get("id"), {})
    cell = by_case.get(mistake.get("name"), {}) if isinstance(by_case, Mapping) else {}
    sight, distance = cell.get("sight"), finite(cell.get("distance"))
    off = f", {tolerances_off(distance)}" if distance is not None else ""
    if sight == "raises":
        return Sight("m-raises", "!", f"raises {line(str(cell.get('raises', 'an exception')))}", True)
    if sight == "other-form":
        return Sight("m-raises", "#", "returns numbers of another shape", True)
    if sight == "faint":
        return Sight("m-0", "?", f"faint{off}", False)
    if sight not in _SEES:
        return Sight("m-blind", "", f"not seen{off}", False)
    if distance is None or distance <= 0:
        return Sight("m-5", "∞", "seen, infinitely far off", True)
    power = max(0, min(9, math.floor(math.log10(distance))))
    return Sight(f"m-{min(5, power)}", str(power), f"seen{off}", True)


def _numeric(mistake: Mapping[str, Json]) -> bool:
    """Return whether the mistake changes a number at all; others are detected by structure, not by a case."""
    return mistake.get("numeric", True) is not False


def _name(one: Mapping[str, Json]) -> str:
    """Return a case's id or a misconception's name."""
    return line(str(one.get("id") or one.get("name") or "?"))
