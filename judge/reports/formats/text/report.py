"""One submission as text: the verdict, one cause first, the code it is in, and what to think about."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from judge.model import Isolation, Outcome, Report, Severity, Verdict
from judge.reports.escape import clip, split_lines
from judge.reports.formats.text import batch
from judge.reports.formats.text.cases import cases_block, counterexample_block, pitfalls_line
from judge.reports.formats.text.finding import finding_block, finding_line
from judge.reports.phrases import (
    NOTEBOOK_NOTES,
    VERDICT_WORDS,
    cases_of,
    counted,
    not_shown,
    number,
    pitfalls_of,
    score,
    short_id,
    verdict_sentence,
)
from judge.reports.queries import by_severity
from judge.reports.terminal import (
    BAD,
    GOOD,
    PLAIN,
    QUIET,
    STAMP,
    TerminalStyle,
    indented,
    prose,
    row,
    said,
    to_text,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

MAX_FULL_FINDINGS = 4
MAX_FINDINGS = 20
MAX_PRINTED_LINES = 10
MAX_PRINTED_CASES = 2
MAX_NOTES = 10


def render(report: Report, look: TerminalStyle = PLAIN) -> str:
    """Return one submission as it is shown in a terminal of this style."""
    parts: list[RenderableType] = []
    for block in (_head, _findings, _checks, _counterexample, _printed, _notebook, _foot):
        lines = list(block(report, look))
        if lines:
            parts += [*([""] if parts else []), *lines]
    return to_text(parts, look)


def render_batch(reports: Sequence[Report], look: TerminalStyle = PLAIN) -> str:
    """Return many submissions: a table, the worst first, and what the class has in common."""
    return batch.render_batch(reports, look)


def _head(report: Report, look: TerminalStyle) -> Iterator[RenderableType]:
    accepted = report.verdict is Verdict.ACCEPTED
    sign = look.pick("✓ ", "") if accepted else look.pick("✗ ", "")
    points = "no score" if report.verdict is Verdict.JUDGE_ERROR else score(report)
    verdict = said(look, f"{sign}{VERDICT_WORDS[report.verdict]}, {points}", GOOD if accepted else BAD)
    yield row(verdict, said(look, f": {clip(report.path, 200)}"))
    yield prose(look, _well_done(report) if accepted else verdict_sentence(report))
    if not report.isolation.level.holds_strangers:
        yield ""
        yield said(look, stamp(report), STAMP)


def stamp(report: Report) -> str:
    """Return the warning on a verdict that a hostile program could have forged."""
    isolation = report.isolation
    if isolation.level == "weak":
        missing = f" (missing: {clip(', '.join(isolation.missing), 200)})" if isolation.missing else ""
        return f"!!! WEAK SANDBOX{missing}: a hostile program could have read or changed files here. !!!"
    if isolation.level == "none" and report.pack is not None and report.pack.public:
        return "!!! PRACTICE RUN, NOT ISOLATED: the program ran with all your rights, as if you had started it. !!!"
    if isolation.level == "none":
        return "!!! NO SANDBOX: the program ran with all your rights, and its verdict may be forged. !!!"
    level = clip(isolation.level, 40) or "not known"
    return f"!!! ISOLATION {level.upper()}: do not rely on this verdict for a stranger's program. !!!"


def isolation_line(isolation: Isolation) -> str:
    """Return ``isolation: weak (seccomp, limits)``; the layers are left out when the level is sufficient."""
    enough = isolation.level.holds_strangers
    layers = f" ({clip(', '.join(isolation.layers), 160)})" if isolation.layers and not enough else ""
    return f"isolation: {clip(isolation.level, 40) or 'not known'}{layers}"


def _well_done(report: Report) -> str:
    cases, pitfalls = cases_of(report), pitfalls_of(report)
    kind = "public case" if report.pack is not None and report.pack.public else "case"
    groups = [counted(len(cases), kind)] if cases else []
    groups += [counted(report.redacted_cases, "hidden case")] if report.redacted_cases else []
    right = f"Well done. All {' and '.join(groups) or 'checks'} come out right"
    if len(cases) == 1 and not report.redacted_cases:
        right = f"Well done. The one {kind} comes out right"
    clear = [check for check in pitfalls if check.outcome is Outcome.PASSED]
    if clear and len(clear) == len(pitfalls):
        avoided = "the pitfall was" if len(clear) == 1 else f"all {len(clear)} pitfalls were"
        right += f", and {avoided} avoided"
    others = [f for f in report.findings if f.severity is not Severity.ERROR]
    if not others:
        return f"{right}."
    return f"{right}. {'One thing is' if len(others) == 1 else 'Some things are'} worth a look all the same."


def _findings(report: Report, look: TerminalStyle) -> Iterator[RenderableType]:
    """Yield the first findings in full, errors before warnings, in the order of the diagnosis."""
    findings = by_severity(report.findings)
    for place, finding in enumerate(findings[:MAX_FULL_FINDINGS]):
        yield from [""] if place else []
        yield from finding_block(report, finding, look)
    if len(findings) > MAX_FULL_FINDINGS:
        yield ""
        yield said(look, "Also found:")
    for finding in findings[MAX_FULL_FINDINGS:MAX_FINDINGS]:
        yield indented(finding_line(finding, look), 2)
    if len(findings) > MAX_FINDINGS:
        yield indented(said(look, f"and {counted(len(findings) - MAX_FINDINGS, 'more finding')}", QUIET), 2)


def _checks(report: Report, look: TerminalStyle) -> Iterator[RenderableType]:
    if report.verdict is Verdict.ACCEPTED:
        return
    yield from cases_block(report, look)
    pitfalls = pitfalls_line(report, look)
    if pitfalls is not None:
        yield pitfalls


def _counterexample(report: Report, look: TerminalStyle) -> Iterator[RenderableType]:
    if report.counterexample is not None:
        yield from counterexample_block(report.counterexample, look)


def _printed(report: Report, look: TerminalStyle) -> Iterator[RenderableType]:
    """Yield the program's output while loading and in the first cases, failed ones before the others."""
    outputs = [("while loading", report.stdout)] if report.stdout.strip() else []
    cases = [case for case in cases_of(report) if case.stdout.strip()]
    cases.sort(key=lambda case: case.outcome is Outcome.PASSED)
    outputs += [(f"in {clip(short_id(case), 80)}", case.stdout) for case in cases[:MAX_PRINTED_CASES]]
    for place, output in outputs:
        yield said(look, f"Printed {place}:")
        lines = split_lines(output.rstrip())
        for line in lines[:MAX_PRINTED_LINES]:
            yield indented(said(look, f"{look.pick('│', '|')} {clip(line.expandtabs(4), 400)}"), 2)
        if len(lines) > MAX_PRINTED_LINES:
            yield indented(
                said(look, f"and {counted(len(lines) - MAX_PRINTED_LINES, 'more line')}", QUIET), 2
            )
    if len(cases) > MAX_PRINTED_CASES:
        more = counted(len(cases) - MAX_PRINTED_CASES, "more case")
        yield said(look, f"It also printed in {more}.", QUIET)


def _notebook(report: Report, look: TerminalStyle) -> Iterator[RenderableType]:
    """Yield what was left out of a notebook: its learner takes it for a part of the program."""
    notes = report.notebook.notes if report.notebook is not None else ()
    if notes:
        yield said(look, f"{NOTEBOOK_NOTES}:")
    for note in notes[:MAX_NOTES]:
        yield indented(prose(look, clip(note, 400)), 2)
    if len(notes) > MAX_NOTES:
        yield indented(said(look, f"and {counted(len(notes) - MAX_NOTES, 'more note')}", QUIET), 2)


def _foot(report: Report, look: TerminalStyle) -> Iterator[RenderableType]:
    hidden = not_shown(report)
    if hidden:
        yield prose(look, f"{hidden}.")
    wall_s = report.timing.get("wall_s")
    took = f"; run in {number(wall_s, 3)} s" if isinstance(wall_s, float) and math.isfinite(wall_s) else ""
    yield said(look, f"{isolation_line(report.isolation)}{took}", QUIET)
