"""Submissions x checks: where a class fails together.

Rows are in the page's order (worst first, equal patterns of outcomes side by side), so that a mistake that many share
shows as a block.  All cells of one outcome are one path, with runs of cells merged down a column: 500 x 60 cells draw
as a handful of elements.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from judge.model import CheckId, CheckKind, Json, Outcome, Report, Verdict, Visibility
from judge.reports.formats.html.submission import line, name
from judge.reports.formats.html.template import fill
from judge.reports.phrases import VERDICT_WORDS, counted

MAX_CHECKS = 240
MAX_HEIGHT = 620.0
NAMED_ROW = 15.0
"""Units of a row that is high enough for its submission's name."""
MIN_ROW = 0.5
TOP, LEFT, SHARE = 150.0, 190.0, 34.0
OVERHANG = 72.0
"""Units by which the last slanted heading extends beyond its column."""

_LETTERS = {Outcome.PASSED: "p", Outcome.FAILED: "f", Outcome.NOT_REACHED: "n"}


def check_ids(reports: Sequence[Report]) -> list[str]:
    """Return the checks of all reports in the order of first occurrence, cases before pitfalls."""
    kinds = dict.fromkeys((check.kind, check.id) for report in reports for check in report.checks)
    ordered = sorted(kinds, key=lambda pair: list(CheckKind).index(pair[0]))
    return list(dict.fromkeys(check_id for _, check_id in ordered))[:MAX_CHECKS]


def check_label(check_id: str) -> str:
    """Return the check's name without its kind."""
    return line(CheckId(check_id).name)


def outcomes(report: Report, ids: Sequence[str]) -> str:
    """Return one letter per check: p(assed), f(ailed), n(ot reached), or '-' when the report has no such check."""
    letter_of = {check.id: _LETTERS[check.outcome] for check in report.checks}
    return "".join(letter_of.get(check_id, "-") for check_id in ids)


def heat_map(reports: Sequence[Report]) -> Markup:
    """Return the section with the map, its legend, and the same in words."""
    ids = check_ids(reports)
    if not ids:
        return Markup()
    rows = [outcomes(report, ids) for report in reports]
    row = max(MIN_ROW, min(NAMED_ROW + 3, MAX_HEIGHT / len(rows)))
    column = max(9.0, min(30.0, 900.0 / len(ids)))
    return fill(
        "heat_map.html",
        wide=f"{LEFT + column * len(ids) + OVERHANG:.0f}",
        high=f"{TOP + SHARE + row * len(rows) + 2:.1f}",
        left=LEFT,
        top=TOP + SHARE,
        row=row,
        column=column,
        rows=len(rows),
        columns=len(ids),
        headings=list(_headings(reports, ids, column)),
        shares=list(_shares(rows, column)),
        cells=list(_cells(rows, row, column)),
        verdicts=list(_verdicts(reports, row)),
        labels=list(_labels(reports, row)),
        worst=_worst(ids, rows),
    )


def _headings(reports: Sequence[Report], ids: Sequence[str], column: float) -> Iterator[Json]:
    hidden = {c.id for report in reports for c in report.checks if c.visibility is Visibility.HIDDEN}
    for place, check_id in enumerate(ids):
        label = check_label(check_id)
        classes = ["check"]
        classes += ["hidden-check"] if check_id in hidden else []
        classes += ["pitfall-check"] if CheckId(check_id).kind == CheckKind.PITFALL else []
        yield {
            "classes": " ".join(classes),
            "x": f"{LEFT + (place + 0.62) * column:.1f}",
            "y": f"{TOP - 8:.0f}",
            "label": label if len(label) <= 24 else label[:23] + "…",
        }


def _shares(rows: Sequence[str], column: float) -> Iterator[Json]:
    """Yield the share of the class that fails each check, as bars that hang down from one line."""
    for place in range(len(rows[0])):
        part = sum(row[place] == "f" for row in rows) / len(rows)
        if part:
            yield {
                "x": f"{LEFT + place * column + 1:.1f}",
                "y": f"{TOP:.0f}",
                "width": f"{column - 2:.1f}",
                "height": f"{max(1.0, part * (SHARE - 8)):.1f}",
            }


def _cells(rows: Sequence[str], row: float, column: float) -> Iterator[Json]:
    gap_x, gap_y = (1.0, 1.0) if row >= 6 else (1.0, 0.0)
    for letter in "pfn":
        runs = []
        for place in range(len(rows[0])):
            start = None
            for number, letters in enumerate([*rows, ""]):
                here = number < len(rows) and letters[place] == letter
                split = gap_y > 0 or not here
                if start is not None and split:
                    x, y = LEFT + place * column, TOP + SHARE + start * row
                    high = (number - start) * row - gap_y
                    runs.append(f"M{x:.1f} {y:.2f}h{column - gap_x:.1f}v{high:.2f}h-{column - gap_x:.1f}z")
                    start = None
                if here and start is None:
                    start = number
        if runs:
            yield {"outcome": letter, "path": "".join(runs)}


def _blocks(reports: Sequence[Report]) -> Iterator[tuple[Verdict, int, int]]:
    """Yield runs of rows with the same verdict: the verdict, the first row and the number of rows."""
    first = 0
    for verdict, group in itertools.groupby(report.verdict for report in reports):
        many = len(list(group))
        yield verdict, first, many
        first += many


def _verdicts(reports: Sequence[Report], row: float) -> Iterator[Json]:
    """Yield a strip with each row's verdict."""
    for verdict, first, many in _blocks(reports):
        yield {
            "verdict": verdict.value,
            "x": LEFT - 9,
            "y": f"{TOP + SHARE + first * row:.2f}",
            "height": f"{max(0.6, many * row - 1):.2f}",
        }


def _labels(reports: Sequence[Report], row: float) -> Iterator[Json]:
    """Yield the names of the rows, or, when there are very many rows, the verdicts' names."""
    x = LEFT - 15
    if row >= NAMED_ROW:
        for place, report in enumerate(reports):
            shown = name(report)
            shown = shown if len(shown) <= 28 else "…" + shown[-27:]
            yield {"x": x, "y": f"{TOP + SHARE + (place + 0.5) * row + 4:.1f}", "label": shown}
        return
    for verdict, first, many in _blocks(reports):
        if many * row >= 11:
            middle = TOP + SHARE + (first + many / 2) * row + 4
            yield {"x": x, "y": f"{middle:.1f}", "label": f"{VERDICT_WORDS[verdict]} {many:,}"}


def _worst(ids: Sequence[str], rows: Sequence[str]) -> list[str]:
    """Return the checks that fail, in words, the most frequent first."""
    failing = [(sum(row[place] == "f" for row in rows), check_id) for place, check_id in enumerate(ids)]
    return [
        f"{check_label(check_id)}: {many:,} of {counted(len(rows), 'submission')}"
        for many, check_id in sorted(failing, key=lambda pair: -pair[0])
        if many
    ]
