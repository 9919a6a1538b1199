"""Many submissions in a terminal: a table, the worst first, and what the class has in common."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len

from judge.model import Outcome, Report, Verdict
from judge.reports.escape import clip
from judge.reports.phrases import VERDICT_WORDS, cases_of, counted, number, passed, plural, short_id
from judge.reports.queries import cause, worst_first
from judge.reports.terminal import (
    BAD,
    GOOD,
    QUIET,
    STAMP,
    STRONG,
    WARN,
    TerminalStyle,
    grid,
    indented,
    said,
    to_text,
)

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

MAX_ROWS = 2_000
MOST = 8
"""Findings, and cases, that the summary names at most."""

WIDE = 72
"""The width from which on the table has all its columns."""


def render_batch(reports: Sequence[Report], look: TerminalStyle) -> str:
    """Return a table of all, worst first, then verdict counts, frequent findings, cases that fail most."""
    if not reports:
        return to_text([said(look, "No submission was graded.")], look)
    parts: list[RenderableType] = [_table(worst_first(reports), look)]
    if len(reports) > MAX_ROWS:
        parts.append(said(look, f"and {counted(len(reports) - MAX_ROWS, 'more submission')}", QUIET))
    for block in (_verdicts, _common_findings, _hardest_cases, _foot):
        lines = list(block(reports, look))
        if lines:
            parts += ["", *lines]
    return to_text(parts, look)


def _table(reports: Sequence[Report], look: TerminalStyle) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style=STRONG)
    folder = common_folder([report.path for report in reports])
    rows = [_row(report, folder) for report in reports[:MAX_ROWS]]
    header = HEADER if look.width >= WIDE else HEADER[:3]
    widths = [max(map(cell_len, column)) for column in zip(header, *rows, strict=False)]
    # What the other columns leave is shared by the two that may break.
    left = look.width - sum(widths[1:4]) - 2 * len(header)
    finding = 0
    if len(header) > 3:
        finding = min(widths[4], max(left - widths[0], left * 2 // 5, len(HEADER[4])))
    widths[0] = max(min(widths[0], left - finding), len(HEADER[0]))
    for name, side in zip(header, SIDES, strict=False):
        table.add_column(name, justify=side, overflow="fold")
    for report, row in zip(reports, rows, strict=False):
        path, verdict, points, cases, code = row
        cells = [
            _broken(look, path, widths[0]),
            said(look, verdict, _style(report.verdict)),
            said(look, points),
            said(look, cases),
            _broken(look, code, finding),
        ]
        table.add_row(*cells[: len(header)])
    return table


HEADER = ("submission", "verdict", "points", "cases", "first finding")
SIDES: tuple[Literal["left", "right"], ...] = ("left", "left", "right", "right", "left")


def _row(report: Report, folder: str) -> tuple[str, ...]:
    cases = cases_of(report)
    return (
        clip(report.path.removeprefix(folder), 120),
        VERDICT_WORDS[report.verdict].lower(),
        f"{number(report.points, 4)}/{number(report.out_of, 4)}",
        f"{passed(cases)}/{len(cases)}",
        _first_finding(report),
    )


def _broken(look: TerminalStyle, text: str, width: int) -> Text:
    """Return untrusted text in lines of at most this width, broken after a separator where a line has one."""
    from rich.text import Text

    lines = [""]
    for part in _PARTS.findall(text):
        if lines[-1] and cell_len(lines[-1] + part) > width:
            lines.append("")
        lines[-1] += part
    return Text("\n").join([said(look, line) for line in lines])


_PARTS = re.compile(r"[^/\\_.\- ]*[/\\_.\- ]|[^/\\_.\- ]+")
"""A word with the separator after it."""


def common_folder(paths: Sequence[str]) -> str:
    """Return the folder, ending in ``/``, that all paths begin with; '' when there is none."""
    lowest, highest = min(paths), max(paths)  # a prefix of these two is a prefix of all between them
    pairs = enumerate(zip(lowest, highest, strict=False))
    shared = next((at for at, (low, high) in pairs if low != high), len(lowest))
    return lowest[: lowest.rfind("/", 0, shared) + 1]


def _first_finding(report: Report) -> str:
    first = cause(report)
    more = f" +{len(report.findings) - 1}" if len(report.findings) > 1 else ""
    return clip(first.code, 60) + more if first else ""


def _verdicts(reports: Sequence[Report], look: TerminalStyle) -> Iterator[RenderableType]:
    counts = Counter(report.verdict for report in reports)
    yield said(look, f"{counted(len(reports), 'submission')}", STRONG)
    yield _bars([(VERDICT_WORDS[v].lower(), counts[v], _style(v)) for v in Verdict if counts[v]], look)


def _common_findings(reports: Sequence[Report], look: TerminalStyle) -> Iterator[RenderableType]:
    """Yield the findings by how many submissions have them; with a code's own title when all agree on it."""
    counts: Counter[str] = Counter()
    titles: dict[str, str] = {}
    for report in reports:
        for code, title in {finding.code: finding.title for finding in report.findings}.items():
            counts[code] += 1
            titles.setdefault(code, title)
    if not counts:
        return
    yield said(look, "Most common findings", STRONG)
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    yield _bars([(clip(code, 60), count, "") for code, count in rows[:MOST]], look)
    if len(rows) > MOST:
        yield indented(said(look, f"and {counted(len(rows) - MOST, 'more kind')}", QUIET), 2)


def _hardest_cases(reports: Sequence[Report], look: TerminalStyle) -> Iterator[RenderableType]:
    """Yield wrong answers by case, among the submissions that reached it."""
    wrong: Counter[str] = Counter()
    for report in reports:
        wrong.update(short_id(case) for case in cases_of(report) if case.outcome is Outcome.FAILED)
    if not wrong:
        return
    yield said(look, "Cases that fail most", STRONG)
    rows = sorted(wrong.items(), key=lambda item: (-item[1], item[0]))
    yield _bars([(clip(case, 60), count, "") for case, count in rows[:MOST]], look)
    if len(rows) > MOST:
        yield indented(said(look, f"and {counted(len(rows) - MOST, 'more case')}", QUIET), 2)


def _bars(rows: Sequence[tuple[str, int, str]], look: TerminalStyle) -> RenderableType:
    most = max(count for _, count, _ in rows)
    table = grid("left", "right", "left")
    for name, count, style in rows:
        bar = look.pick("█", "#") * max(1, round(look.width // 4 * count / most))
        table.add_row(said(look, name, style), said(look, f"{count:,}"), said(look, bar, style or QUIET))
    return indented(table, 2)


def _foot(reports: Sequence[Report], look: TerminalStyle) -> Iterator[RenderableType]:
    hidden = max(report.redacted_cases for report in reports)
    if hidden:
        yield said(look, f"{counted(hidden, 'hidden case')} not shown.")
    pack = reports[0].pack
    if pack is not None and pack.public and pack.hidden_cases:
        points = f"{number(pack.hidden_points)} {plural(pack.hidden_points, 'point')}"
        yield said(
            look,
            f"Graded on a public pack: {counted(pack.hidden_cases, 'hidden case')} ({points}) stay with the course.",
        )
    levels = Counter(report.isolation.level for report in reports)
    unsafe = {level: count for level, count in levels.items() if not level.holds_strangers}
    for level, count in list(unsafe.items())[:MOST]:
        what = "NO SANDBOX" if level == "none" else f"ISOLATION {clip(level, 40).upper() or 'NOT KNOWN'}"
        yield said(look, f"!!! {what} for {counted(count, 'submission')}: verdicts may be forged. !!!", STAMP)
    if len(levels) == 1:
        yield said(look, f"isolation: {clip(reports[0].isolation.level, 40) or 'not known'}", QUIET)
    else:
        each = ", ".join(f"{clip(level, 40)} {count}" for level, count in levels.most_common(MOST))
        yield said(look, f"isolation: {each}", QUIET)


def _style(verdict: Verdict) -> str:
    if verdict is Verdict.ACCEPTED:
        return GOOD
    return WARN if verdict is Verdict.PITFALL else BAD
