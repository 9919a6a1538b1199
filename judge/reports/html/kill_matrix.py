"""Cases x misconceptions: what each case can see, and which mistakes no case sees."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from judge.model import Json
from judge.reports.html.markup import text
from judge.reports.html.submission import line
from judge.reports.reading import finite
from judge.reports.words import counted, tolerances_off


def kill_matrix(matrix: Json) -> str:
    """The section with the table; '' when the matrix has no case or no misconception."""
    cases = [line(_name(one)) for one in matrix.get("cases", ())]
    mistakes = [line(_name(one)) for one in matrix.get("misconceptions", ())]
    cells = matrix.get("cells", ())
    if not cases or not mistakes:
        return ""
    seen_by = [
        sum(_sees(_cell(cells, row, column)) for row in range(len(cases))) for column in range(len(mistakes))
    ]
    unseen = [mistake for mistake, many in zip(mistakes, seen_by, strict=True) if many == 0]
    head = "".join(f'<th scope="col"><span>{text(one)}</span></th>' for one in mistakes)
    foot = "".join(f'<td class="{"none" if many == 0 else ""}">{many}</td>' for many in seen_by)
    body = "".join(_row(case, cells, number, len(mistakes)) for number, case in enumerate(cases))
    return (
        '<section id="cases" class="panel wide"><h2>Cases and misconceptions</h2>'
        f'<p class="soft">{counted(len(cases), "case")}, {counted(len(mistakes), "misconception")}. A number says how '
        "far off the mistake's answer is, as a power of ten of the tolerance; ! raises an exception; an empty cell "
        "does not see it.</p>"
        f"{_missing(unseen)}"
        '<div class="scroll" tabindex="0" role="group" aria-label="Kill matrix, can be scrolled"><table class="matrix">'
        '<caption class="unseen">Which case sees which misconception</caption>'
        f'<thead><tr><td></td>{head}<th scope="col"><span>sees</span></th></tr></thead><tbody>{body}</tbody>'
        f'<tfoot><tr><th scope="row">seen by cases</th>{foot}<td></td></tr></tfoot></table></div></section>'
    )


def _missing(unseen: list[str]) -> str:
    if not unseen:
        return '<p class="good">Every misconception is seen by a case.</p>'
    return f'<p class="stamp">Seen by no case: {text(", ".join(unseen))}</p>'


def _row(case: str, cells: Json, row: int, columns: int) -> str:
    listed = [_cell(cells, row, column) for column in range(columns)]
    sees = sum(map(_sees, listed))
    return (
        f'<tr><th scope="row">{text(case)}</th>{"".join(_drawn(list(_said(one))) for one in listed)}'
        f'<td class="sum">{sees}</td></tr>'
    )


def _drawn(parts: list[str]) -> str:
    colour, sign, words = parts
    shown = f'<span aria-hidden="true">{sign}</span><span class="unseen">{text(words)}</span>'
    return f'<td class="{colour}" title="{text(words)}">{shown}</td>'


def _said(cell: Mapping[str, Json]) -> Iterator[str]:
    """The cell's class, its sign, and the same in words."""
    distance = finite(cell.get("distance"))
    if cell.get("state") == "raises":
        yield from ("m-raises", "!", "raises an exception")
    elif not _sees(cell):
        yield from (
            "m-blind",
            "",
            "not seen" + (f", {tolerances_off(distance)}" if distance is not None else ""),
        )
    elif distance is None or distance <= 0:
        yield from ("m-5", "∞", "seen, no number to compare")
    else:
        power = max(0, min(9, math.floor(math.log10(distance))))
        yield from (f"m-{min(5, power)}", str(power), f"seen, {tolerances_off(distance)}")


def _sees(cell: Mapping[str, Json]) -> bool:
    return cell.get("state") in ("seen", "raises")


def _cell(cells: Json, row: int, column: int) -> Mapping[str, Json]:
    try:
        cell = cells[row][column]
    except (IndexError, TypeError):
        return {}
    return cell if isinstance(cell, Mapping) else {}


def _name(one: Json) -> str:
    """A case or misconception by its name, its id or its code."""
    if isinstance(one, Mapping):
        return str(next((one[key] for key in ("id", "code", "name") if key in one), "?"))
    return str(one)
