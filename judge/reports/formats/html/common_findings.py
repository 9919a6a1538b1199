"""The findings that submissions of a class have in common, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from judge.model import Report, Severity
from judge.reports.formats.html.submission import line
from judge.reports.queries import cause


@dataclass(frozen=True)
class CommonFinding:
    """A finding's code, its title and severity where it first occurs, and how many submissions have it."""

    code: str
    title: str
    severity: Severity
    many: int
    place: int
    """Its index among the page's codes, by which rows and filters refer to it."""


def common_findings(reports: Sequence[Report]) -> list[CommonFinding]:
    """Return every code once, in the order of first occurrence."""
    first = {one.code: one for report in reversed(reports) for one in reversed(report.findings)}
    tally = Counter(code for report in reports for code in {one.code for one in report.findings})
    order = dict.fromkeys(one.code for report in reports for one in report.findings)
    return [
        CommonFinding(code, line(first[code].title or code), first[code].severity, tally[code], place)
        for place, code in enumerate(order)
    ]


def most_common(found: Sequence[CommonFinding]) -> list[CommonFinding]:
    return sorted(found, key=lambda one: -one.many)


def first_title(report: Report) -> str:
    """Return the title of the finding to read first; '' when there is none."""
    first = cause(report)
    return line(first.title or first.code)[:160] if first else ""
