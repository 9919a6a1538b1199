"""The checks of one report for a terminal: marks for all, numbers for those that failed, a small input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from rich.cells import cell_len

from judge.model import CheckResult, Counterexample, Outcome, Report, Visibility
from judge.reports.escape import clip
from judge.reports.phrases import (
    cases_of,
    counted,
    distinguishable,
    earns_later,
    input_lines,
    passed,
    pitfalls_of,
    short_id,
    times_off,
)
from judge.reports.queries import counterexample_result
from judge.reports.terminal import BAD, CODE, GOOD, QUIET, TerminalStyle, grid, indented, row, said

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

MAX_FAILING = 6
MAX_GROUPS = 20
MAX_MARKS = 200
MAX_ID = 60

_MARKS: Mapping[Outcome, tuple[str, str, str, str]] = {
    Outcome.PASSED: ("✓", ".", GOOD, "right"),
    Outcome.FAILED: ("✗", "x", BAD, "wrong"),
    Outcome.NOT_REACHED: ("–", "-", QUIET, "not reached"),
}


def cases_block(report: Report, look: TerminalStyle) -> Iterator[RenderableType]:
    """Yield one mark per case by file, then the wrong ones; one line when all have the same harmless outcome."""
    cases = cases_of(report)
    if not cases:
        return
    if all(case.outcome is Outcome.NOT_REACHED for case in cases):
        yield said(look, f"Cases: none of {len(cases):,} reached")
        return
    if passed(cases) == len(cases):
        yield said(look, f"Cases: {len(cases):,} of {len(cases):,} right")
        return
    yield row(said(look, f"Cases: {passed(cases):,} of {len(cases):,} right   "), _legend(cases, look))
    yield _marks(cases, look)
    yield from _failing(cases, look)
    yield from _unreached(cases, look)


def pitfalls_line(report: Report, look: TerminalStyle) -> Text | None:
    """Return ``Pitfalls: 3 of 4 avoided; seen: missing-mutable``; None when none was checked."""
    pitfalls = pitfalls_of(report)
    if not pitfalls:
        return None
    if all(check.outcome is Outcome.NOT_REACHED for check in pitfalls):
        return said(look, "Pitfalls: not reached")
    text = f"Pitfalls: {passed(pitfalls):,} of {len(pitfalls):,} avoided"
    for word, outcome in (("seen", Outcome.FAILED), ("not reached", Outcome.NOT_REACHED)):
        names = [clip(short_id(check), MAX_ID) for check in pitfalls if check.outcome is outcome]
        if names:
            more = f" and {len(names) - MAX_FAILING} more" if len(names) > MAX_FAILING else ""
            text += f"; {word}: {', '.join(names[:MAX_FAILING])}{more}"
    if any(earns_later(check) for check in pitfalls):
        text += "; points for them come when every answer is right"
    return said(look, text)


def counterexample_block(counterexample: Counterexample, look: TerminalStyle) -> Iterator[RenderableType]:
    """Yield the small input, line by line, and the result."""
    yield said(look, "An input on which it goes wrong:")
    for line in input_lines(counterexample.inputs):
        yield indented(said(look, clip(line, 400), CODE), 4)
    yield indented(said(look, counterexample_result(counterexample)), 2)


def _legend(cases: Sequence[CheckResult], look: TerminalStyle) -> Text:
    seen = {case.outcome for case in cases}
    words = [f"{look.pick(*mark[:2])} {mark[3]}" for outcome, mark in _MARKS.items() if outcome in seen]
    return said(look, f"({'  '.join(words)})", QUIET)


def _marks(cases: Sequence[CheckResult], look: TerminalStyle) -> RenderableType:
    by_file: dict[str, list[CheckResult]] = {}
    for case in cases:
        by_file.setdefault(_file(case), []).append(case)
    table = grid("left", "left", "left")
    for file, group in list(by_file.items())[:MAX_GROUPS]:
        marks = said(look, "")
        for case in group[:MAX_MARKS]:
            unicode, ascii, style, _ = _MARKS[case.outcome]
            marks.append(look.pick(unicode, ascii), style)
        table.add_row(
            said(look, clip(file, 40)), marks, said(look, f"{passed(group)} of {len(group)}", QUIET)
        )
    if len(by_file) > MAX_GROUPS:
        table.add_row(said(look, f"... {counted(len(by_file) - MAX_GROUPS, 'more file')}", QUIET))
    return indented(table, 2)


def _failing(cases: Sequence[CheckResult], look: TerminalStyle) -> Iterator[RenderableType]:
    """Yield wrong numbers one by one, the public ones first; cases without numbers together by reason."""
    failed = [case for case in cases if case.outcome is Outcome.FAILED]
    with_numbers = [case for case in failed if case.expected is not None and _is_wrong_number(case)]
    with_numbers.sort(key=lambda case: case.visibility is Visibility.HIDDEN)
    if with_numbers:
        yield said(look, "Wrong numbers, and how many times the tolerated difference they are off:")
        yield from _numbers(with_numbers[:MAX_FAILING], look)
        if len(with_numbers) > MAX_FAILING:
            rest = len(with_numbers) - MAX_FAILING
            yield indented(said(look, f"and {counted(rest, 'more case')} with a wrong number", QUIET), 2)
    others = [case for case in failed if case not in with_numbers]
    yield from _by_reason("Wrong form", [case for case in others if case.got is not None], look)
    yield from _by_reason("No right answer", [case for case in others if case.got is None], look)


def _is_wrong_number(case: CheckResult) -> bool:
    """Return whether the numbers are wrong, and not just their form."""
    return case.got is not None and (case.difference is not None or not all(map(isfinite, case.got)))


def _numbers(cases: Sequence[CheckResult], look: TerminalStyle) -> Iterator[RenderableType]:
    """Yield a table where it fits, else a line for each case."""
    rows = [_numbers_of(case) for case in cases]
    head = ("case", "expected", "got", "times off")
    widths = [max(map(cell_len, column)) for column in zip(head, *rows, strict=True)]
    if sum(widths) + 2 * len(widths) <= look.width:
        table = grid("left", "right", "right", "right")
        table.add_row(*(said(look, cell, QUIET) for cell in head))
        for cells in rows:
            table.add_row(*(said(look, cell) for cell in cells))
        yield indented(table, 2)
        return
    for name, expected, got, off in rows:
        far = f"{off} times off" if off[:1].isdigit() else off
        yield indented(said(look, f"{name}: expected {expected}, got {got}{', ' if far else ''}{far}"), 2)


def _numbers_of(case: CheckResult) -> tuple[str, str, str, str]:
    expected, got = distinguishable(case.expected or (), case.got)
    finite = all(map(isfinite, case.got or ()))
    off = (times_off(case.difference) or case.reason) if finite else "not finite"
    name, expected, got, off = (clip(cell, MAX_ID) for cell in (short_id(case), expected, got, off))
    return name, expected, got, off


def _unreached(cases: Sequence[CheckResult], look: TerminalStyle) -> Iterator[RenderableType]:
    yield from _by_reason("Not reached", [c for c in cases if c.outcome is Outcome.NOT_REACHED], look)


def _by_reason(what: str, cases: Sequence[CheckResult], look: TerminalStyle) -> Iterator[RenderableType]:
    by_reason: dict[str, list[CheckResult]] = {}
    for case in cases:
        by_reason.setdefault(case.reason, []).append(case)
    for reason, group in list(by_reason.items())[:MAX_FAILING]:
        first = clip(short_id(group[0]), MAX_ID)
        names = first if len(group) == 1 else f"{first} and {len(group) - 1:,} more"
        why = f" ({clip(reason, 300)})" if reason and reason != what.lower() else ""
        yield said(look, f"{what}: {names}{why}")
    if len(by_reason) > MAX_FAILING:
        yield said(look, f"... {counted(len(by_reason) - MAX_FAILING, 'more reason')}", QUIET)


def _file(case: CheckResult) -> str:
    return short_id(case).rpartition("/")[0].removesuffix(" (hidden)") or "cases"
