"""Cases x misconceptions: what each case can see, and which mistakes no case sees.

The matrix is what ``judge.exercise.kill_matrix.Matrix.to_json`` returns.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from judge.model import Json
from judge.reports.formats.html.escape_html import text
from judge.reports.formats.html.submission import line
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


def kill_matrix(matrix: Json) -> str:
    """The section with the table; '' when the matrix has no case or no misconception."""
    cases = [one for one in matrix.get("cases", ()) if isinstance(one, Mapping)]
    mistakes = [one for one in matrix.get("misconceptions", ()) if isinstance(one, Mapping)]
    if not cases or not mistakes:
        return ""
    rows = [[_sight(matrix, case, mistake) for mistake in mistakes] for case in cases]
    seen_by = [sum(row[column].sees for row in rows) for column in range(len(mistakes))]
    unseen = [_name(one) for one, many in zip(mistakes, seen_by, strict=True) if many == 0 and _numeric(one)]
    body = "".join(_row(case, row) for case, row in zip(cases, rows, strict=True))
    foot = "".join(
        f'<td class="{"none" if many == 0 and _numeric(one) else ""}">{many}</td>'
        for one, many in zip(mistakes, seen_by, strict=True)
    )
    return (
        '<section id="cases" class="panel wide"><h2>Cases and misconceptions</h2>'
        f'<p class="soft">{counted(len(cases), "case")}, {counted(len(mistakes), "misconception")}. A number says how '
        "far off the mistake's answer is, as a power of ten of the tolerance; ? is too near to count on; ! raises an "
        "exception; # has another shape; an empty cell does not see it.</p>"
        f"{_missing(unseen)}"
        '<div class="scroll" tabindex="0" role="group" aria-label="Kill matrix, can be scrolled"><table class="matrix">'
        '<caption class="unseen">Which case sees which misconception</caption>'
        f'<thead><tr><td></td>{"".join(map(_heading, mistakes))}<th scope="col"><span>sees</span></th></tr></thead>'
        f"<tbody>{body}</tbody>"
        f'<tfoot><tr><th scope="row">seen by cases</th>{foot}<td></td></tr></tfoot></table></div></section>'
    )


def _missing(unseen: Sequence[str]) -> str:
    if not unseen:
        return '<p class="good">Every misconception that changes a number is seen by a case.</p>'
    return f'<p class="stamp">Seen by no case: {text(", ".join(unseen))}</p>'


def _heading(mistake: Mapping[str, Json]) -> str:
    title = line(str(mistake.get("title", "")))
    return f'<th scope="col" title="{text(title)}"><span>{text(_name(mistake))}</span></th>'


def _row(case: Mapping[str, Json], row: Sequence[Sight]) -> str:
    hidden = ' <span class="soft">(hidden)</span>' if case.get("visibility") == "hidden" else ""
    cells = "".join(
        f'<td class="{one.colour}" title="{text(one.words)}"><span aria-hidden="true">{one.sign}</span>'
        f'<span class="unseen">{text(one.words)}</span></td>'
        for one in row
    )
    sees = sum(one.sees for one in row)
    return f'<tr><th scope="row">{text(_name(case))}{hidden}</th>{cells}<td class="sum">{sees}</td></tr>'


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
    """Whether the mistake changes a number at all; others are seen by structure, not by a case."""
    return mistake.get("numeric", True) is not False


def _name(one: Mapping[str, Json]) -> str:
    """A case by its id, a misconception by its name."""
    return line(str(one.get("id") or one.get("name") or "?"))
