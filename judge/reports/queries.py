"""Queries on a report that several renderers share; they hold for any Report, however odd its values.

Numbers are read here because a report may hold NaN, infinities or nothing at all in place of a number, and most
formats can write none of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from judge.model import CheckKind, CheckResult, Counterexample, Finding, Outcome, Report, SourceSpan
from judge.reports.escape import clip, split_lines, visible
from judge.reports.phrases import (
    EARNS_LATER,
    VERDICT_WORDS,
    distinguishable,
    earns_later,
    number,
    numbers,
    score,
    short_id,
    tolerances_off,
)

MAX_LINE_CHARS = 500
"""Characters of one untrusted line (a reason, a name); of the rest only the length is given."""
MAX_RAISED_CHARS = 300


@dataclass(frozen=True)
class Counts:
    """The number of checks by outcome."""

    passed: int
    failed: int
    not_reached: int

    @property
    def all(self) -> int:
        return self.passed + self.failed + self.not_reached


def counts(checks: Iterable[CheckResult]) -> Counts:
    """Count the checks by outcome."""
    outcomes = [check.outcome for check in checks]
    return Counts(*(outcomes.count(one) for one in (Outcome.PASSED, Outcome.FAILED, Outcome.NOT_REACHED)))


def finite(value: object) -> float | None:
    """Return the number if every format can write it; None for NaN, infinities and anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # an int beyond float64
        return None
    return number if math.isfinite(number) else None


def timing(report: Report, key: str) -> float | None:
    """Return a measurement of the whole grading by its key (``wall_s``, ``cpu_s``, ``peak_memory_mib``), if known."""
    number = finite(report.timing.get(key))
    return number if number is not None and number >= 0 else None


def share(points: float, out_of: float) -> float | None:
    """Return points / out_of within 0..1; None when there is nothing to earn or no such number."""
    earned, possible = finite(points), finite(out_of)
    if earned is None or possible is None or possible <= 0:
        return None
    return min(1.0, max(0.0, earned / possible))


def headline(report: Report) -> str:
    """Return verdict and score in a line: ``Wrong answer, 3 of 10 points``."""
    return f"{VERDICT_WORDS[report.verdict]}, {score(report)}"


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """Sort errors before warnings before notes, each in the order of the diagnosis."""
    return sorted(findings, key=lambda finding: finding.severity.rank)


def cause(report: Report) -> Finding | None:
    """Return the finding to read first, the first of the most severe ones; None without findings."""
    return min(report.findings, key=lambda finding: finding.severity.rank, default=None)


def worst_first(reports: Iterable[Report]) -> list[Report]:
    """Sort by the strongest verdict, then the fewest points, equal patterns of outcomes side by side, then by path."""

    def strength(report: Report) -> tuple[int, float, str, str]:
        earned = share(report.points, report.out_of)
        pattern = "".join(check.outcome.value[0] for check in report.checks)
        return report.verdict.rank, -1.0 if earned is None else earned, pattern, report.path

    return sorted(reports, key=strength)


def region(source: str, span: SourceSpan | None) -> SourceSpan | None:
    """Return the part of a span that exists in the source, its ends in order; None when it begins outside of it."""
    if span is None:
        return None
    lines = split_lines(source)
    if not 1 <= span.line <= len(lines) or not source:
        return None
    end_line = min(max(span.end_line, span.line), len(lines))
    column = min(max(span.column, 1), len(lines[span.line - 1]) + 1)
    wanted_end = span.end_column if end_line == span.end_line else len(lines[end_line - 1]) + 1
    least = column if end_line == span.line else 1
    end_column = min(max(wanted_end, least), len(lines[end_line - 1]) + 1)
    return SourceSpan(span.line, column, end_line, max(end_column, least))


def evidence(check: CheckResult) -> list[str]:
    """Return why a check did not pass or earn, as short lines of visible text: reason, numbers, distance."""
    if earns_later(check):
        return [EARNS_LATER]
    lines = [visible(clip(check.reason, MAX_LINE_CHARS))] if check.reason else []
    if check.outcome is not Outcome.FAILED:
        return lines
    if check.expected is not None:
        expected, got = distinguishable(check.expected, check.got)
        lines.append(f"expected {expected}, got {got}")
    elif check.got is not None:
        lines.append(f"got {numbers(check.got)}")
    off = tolerances_off(check.difference)
    return [*lines, off] if off else lines


def counterexample_result(found: Counterexample) -> str:
    """Return ``expected 0.0312, got 0.25 (a difference of up to 3e-08 would be right)``, not escaped."""
    if found.got is None:
        came = f"stopped with {clip(found.raised, MAX_RAISED_CHARS)}" if found.raised else "gave no number"
        return f"expected {numbers(found.expected)}, {came}"
    expected, got = distinguishable(found.expected, found.got)
    tolerance = number(found.tolerance, 2)
    return f"expected {expected}, got {got} (a difference of up to {tolerance} would be right)"


def name_of(check: CheckResult) -> str:
    """Return the check's name, with its title when that says more."""
    name = visible(clip(short_id(check), MAX_LINE_CHARS))
    return name if check.title in ("", check.id) else f"{name}: {visible(clip(check.title, MAX_LINE_CHARS))}"


def result_name_of(check: CheckResult) -> str:
    """Return the name of a check beside its result: of a pitfall, whose title is the mistake, that it was avoided."""
    name = name_of(check)
    is_avoided = check.kind is CheckKind.PITFALL and check.outcome is Outcome.PASSED
    return name.replace(": ", ": avoided: ", 1) if is_avoided else name


def findings_of(report: Report, check: CheckResult) -> list[Finding]:
    """Return the findings that this check shows."""
    return [one for one in report.findings if check.id in one.checks]


_ADDRESS = re.compile(r"https://[\w./#?=%-]{1,300}", re.ASCII)


def name_and_address(page: str) -> tuple[str, str]:
    """Split ``jax, Pytrees: https://docs...`` into a name and an address that is safe to follow; else ('', '')."""
    name, _, address = page.rpartition(": ")
    if not name or not _ADDRESS.fullmatch(address):
        return "", ""
    return clip(name.replace("`", ""), 200), address


def pages_to_read(finding: Finding) -> list[str]:
    """Return ``judge explain CODE`` first, then the other pages that the finding names, each once."""
    return list(dict.fromkeys((f"judge explain {finding.code}", *finding.read_next)))
