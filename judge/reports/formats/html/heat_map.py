"""Submissions x checks: where a class fails together.

Rows stand as the page orders them (worst first, equal patterns of outcomes side by side), so that a mistake that
many share shows as a block.  All cells of one outcome are one path, runs of cells merged down a column: 500 x 60
cells draw as a handful of elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from judge.model import CheckKind, Outcome, Report, Visibility
from judge.reports.formats.html.escape_html import text
from judge.reports.formats.html.submission import line, name
from judge.reports.phrases import VERDICT_WORDS, counted

MAX_CHECKS = 240
MAX_HEIGHT = 620.0
NAMED_ROW = 15.0
"""Units of a row that is high enough to carry its submission's name."""
MIN_ROW = 0.5
TOP, LEFT, SHARE = 150.0, 190.0, 34.0
OVERHANG = 72.0
"""Units that the last slanted heading reaches over its column."""

_LETTERS = {Outcome.PASSED: "p", Outcome.FAILED: "f", Outcome.NOT_REACHED: "n"}


def check_ids(reports: Sequence[Report]) -> list[str]:
    """The checks of all reports in the order in which they first stand, cases before pitfalls."""
    kinds = dict.fromkeys((check.kind, check.id) for report in reports for check in report.checks)
    ordered = sorted(kinds, key=lambda pair: list(CheckKind).index(pair[0]))
    return list(dict.fromkeys(check_id for _, check_id in ordered))[:MAX_CHECKS]


def check_label(check_id: str) -> str:
    """The check's name without its kind."""
    return line(check_id.partition(":")[2] or check_id)


def outcomes(report: Report, ids: Sequence[str]) -> str:
    """One letter per check: p(assed), f(ailed), n(ot reached), or '-' when the report has no such check."""
    letter_of = {check.id: _LETTERS[check.outcome] for check in report.checks}
    return "".join(letter_of.get(check_id, "-") for check_id in ids)


def heat_map(reports: Sequence[Report]) -> str:
    """The section with the map, its legend, and the same in words."""
    ids = check_ids(reports)
    if not ids:
        return ""
    rows = [outcomes(report, ids) for report in reports]
    row = max(MIN_ROW, min(NAMED_ROW + 3, MAX_HEIGHT / len(rows)))
    column = max(9.0, min(30.0, 900.0 / len(ids)))
    wide, high = LEFT + column * len(ids) + OVERHANG, TOP + SHARE + row * len(rows) + 2
    body = [
        *_headings(reports, ids, column),
        *_failing(rows, column),
        *_cells(rows, row, column),
        *_names(reports, row),
    ]
    return (
        '<section id="map" class="panel wide"><h2>Submissions and checks</h2>'
        '<p class="soft">Each row is a submission, the worst first; each column a check, under its name the share '
        'of the class that fails it. <span class="key"><span class="o-p"></span> passed</span> '
        '<span class="key"><span class="o-f"></span> failed</span> '
        '<span class="key"><span class="o-n"></span> not reached</span></p>'
        f'<div class="scroll" tabindex="0" role="group" aria-label="Heat map, can be scrolled">'
        f'<svg id="heat-map" viewBox="0 0 {wide:.0f} {high:.1f}" width="{wide:.0f}" height="{high:.1f}" role="img"'
        f' aria-label="Heat map of {len(rows)} submissions and {len(ids)} checks; in words below"'
        f' data-left="{LEFT}" data-top="{TOP + SHARE}" data-row="{row}" data-column="{column}"'
        f' data-rows="{len(rows)}" data-columns="{len(ids)}">{"".join(body)}'
        '<rect id="heat-cursor" class="cursor" width="0" height="0"/></svg></div>'
        f"{_in_words(ids, rows)}</section>"
    )


def _headings(reports: Sequence[Report], ids: Sequence[str], column: float) -> Iterator[str]:
    hidden = {c.id for report in reports for c in report.checks if c.visibility is Visibility.HIDDEN}
    for place, check_id in enumerate(ids):
        x = LEFT + (place + 0.62) * column
        label = check_label(check_id)
        label = label if len(label) <= 24 else label[:23] + "…"
        kind = " hidden-check" if check_id in hidden else ""
        kind += " pitfall-check" if check_id.startswith("pitfall:") else ""
        yield (
            f'<text class="check{kind}" transform="translate({x:.1f} {TOP - 8:.0f}) rotate(-60)">{text(label)}</text>'
        )


def _failing(rows: Sequence[str], column: float) -> Iterator[str]:
    """The share of the class that fails each check, as bars that hang down from one line."""
    for place in range(len(rows[0])):
        part = sum(row[place] == "f" for row in rows) / len(rows)
        if part:
            x = LEFT + place * column
            yield (
                f'<rect class="share" x="{x + 1:.1f}" y="{TOP:.0f}" width="{column - 2:.1f}"'
                f' height="{max(1.0, part * (SHARE - 8)):.1f}"/>'
            )


def _cells(rows: Sequence[str], row: float, column: float) -> Iterator[str]:
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
            yield f'<path class="o-{letter}" d="{"".join(runs)}"/>'


def _names(reports: Sequence[Report], row: float) -> Iterator[str]:
    """A strip with each row's verdict; beside it the names, or of very many rows the verdicts' names."""
    first = 0
    for place in range(1, len(reports) + 1):
        verdict = reports[first].verdict
        if place < len(reports) and reports[place].verdict is verdict:
            continue
        y, high = TOP + SHARE + first * row, (place - first) * row
        place_and_size = f'x="{LEFT - 9}" y="{y:.2f}" width="5" height="{max(0.6, high - 1):.2f}"'
        yield f'<rect class="v-{verdict.value}" {place_and_size}/>'
        if row < NAMED_ROW and high >= 11:
            label = f"{VERDICT_WORDS[verdict]} {place - first:,}"
            yield f'<text class="row" x="{LEFT - 15}" y="{y + high / 2 + 4:.1f}">{label}</text>'
        first = place
    if row >= NAMED_ROW:
        for place, report in enumerate(reports):
            shown = name(report)
            shown = shown if len(shown) <= 28 else "…" + shown[-27:]
            y = TOP + SHARE + (place + 0.5) * row + 4
            yield f'<text class="row" x="{LEFT - 15}" y="{y:.1f}">{text(shown)}</text>'


def _in_words(ids: Sequence[str], rows: Sequence[str]) -> str:
    failing = [(sum(row[place] == "f" for row in rows), check_id) for place, check_id in enumerate(ids)]
    worst = sorted((pair for pair in failing if pair[0]), key=lambda pair: -pair[0])
    listed = "".join(
        f"<li>{text(check_label(check_id))}: {many:,} of {counted(len(rows), 'submission')}</li>"
        for many, check_id in worst
    )
    return f"<details><summary>Failed checks in words</summary><ol>{listed}</ol></details>" if worst else ""
