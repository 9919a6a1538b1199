"""One finding for a terminal: code frame, what happened and why it matters, affected checks, what to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from judge.model import CheckId, CheckKind, Finding, Report, Severity
from judge.reports.code_frame import Frame, code_frame
from judge.reports.escape import clip
from judge.reports.message import CodeBlock, parts_of
from judge.reports.phrases import cell_in_words, counted
from judge.reports.queries import pages_to_read
from judge.reports.terminal import (
    BAD,
    CODE,
    NOTE,
    QUIET,
    STRONG,
    WARN,
    TerminalStyle,
    indented,
    prose,
    row,
    said,
)

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

MAX_MESSAGE_CHARS = 6_000
MAX_PARTS = 30
MAX_NAMED_CHECKS = 3
MAX_NAMED_PAGES = 3

_STYLE: Mapping[Severity, str] = {Severity.ERROR: BAD, Severity.WARNING: WARN, Severity.NOTE: NOTE}


def finding_block(report: Report, finding: Finding, look: TerminalStyle) -> Iterator[RenderableType]:
    """Yield everything about one finding, ending with the command that shows its page."""
    style = _STYLE[finding.severity]
    yield row(said(look, f"{finding.severity}: ", style), said(look, clip(finding.title, 300), STRONG))
    if finding.span is not None:
        margin = len(str(finding.span.end_line)) + 3
        frame = code_frame(
            report.source,
            finding.span,
            notebook=report.notebook,
            width=max(20, look.width - margin),
            ascii_only=not look.unicode,
        )
        cell = cell_in_words(report, finding)
        line = f", {cell}" if cell else f":{finding.span.line}:{finding.span.column}"
        place = f"{clip(report.path, 200)}{line}"
        if frame is not None:
            yield from _drawn(frame, place, style, look)
    yield ""
    yield from _message(finding.message, look)
    where = _where_it_shows(finding)
    if where:
        yield indented(said(look, where, QUIET), 2)
    yield indented(_read_on(finding, look), 2)


def finding_line(finding: Finding, look: TerminalStyle) -> Text:
    """Return a finding in one line, for those after the first few."""
    severity = said(look, f"{finding.severity}: ", _STYLE[finding.severity])
    return row(severity, said(look, f"{clip(finding.title, 120)} (judge explain {clip(finding.code, 80)})"))


def _drawn(frame: Frame, place: str, style: str, look: TerminalStyle) -> Iterator[Text]:
    bar = look.pick("│", "|")
    margin = " " * frame.number_width
    yield said(look, f"{margin}--> {place}", QUIET)
    yield said(look, f"{margin} {bar}", QUIET)
    previous = None
    for line in frame.lines:
        if previous is not None and line.number != previous + 1:
            yield said(look, f"{margin} {bar} ...", QUIET)
        previous = line.number
        # The frame has escaped the line for this style already.
        yield row(said(look, f"{line.number:>{frame.number_width}} {bar} ", QUIET)).append(line.text)
        if line.mark is not None:
            start, end = line.mark
            underline = " " * start + "^" * (end - start)
            yield row(said(look, f"{margin} {bar} ", QUIET), said(look, underline, style))


def _message(message: str, look: TerminalStyle) -> Iterator[RenderableType]:
    for place, part in enumerate(parts_of(message, MAX_MESSAGE_CHARS)):
        if place == MAX_PARTS:
            yield indented(said(look, "...", QUIET), 2)
            return
        if isinstance(part, CodeBlock):
            yield from (indented(said(look, line, CODE), 6) for line in part.lines)
        else:
            yield indented(prose(look, part.text), 2)
        yield ""


def _where_it_shows(finding: Finding) -> str:
    cases = [CheckId(one).name for one in finding.checks if CheckId(one).kind == CheckKind.CASE]
    if not cases:
        return ""
    named = ", ".join(clip(case, 80) for case in cases[:MAX_NAMED_CHECKS])
    more = len(cases) - MAX_NAMED_CHECKS
    return f"It shows in {counted(len(cases), 'case')}: {named}" + (
        f" and {more:,} more." if more > 0 else "."
    )


def _read_on(finding: Finding, look: TerminalStyle) -> Text:
    """Return the command for the page, and the names of further pages: addresses are hard to read in a line."""
    command, *more = pages_to_read(finding)
    parts = [said(look, "To read on: ", QUIET), said(look, clip(command, 100), CODE)]
    names = [clip(page.partition(": http")[0], 80) for page in more[:MAX_NAMED_PAGES]]
    return row(*parts, said(look, f" (leads to: {'; '.join(names)})" if names else "", QUIET))
