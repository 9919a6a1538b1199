"""CSV (RFC 4180) for spreadsheets and data frames: one row per submission, one column per check.

Text cells are always quoted, and one that a spreadsheet would take for a formula gets an apostrophe in front:
``=``, ``+``, ``-``, ``@`` and their full-width forms, also after blanks, tab and line ends.  Cells with numbers
hold numbers; a cell is empty when there is no such number.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from judge.model import CheckResult, Report
from judge.reports.escape import clip, visible
from judge.reports.queries import cause, counts, finite, timing
from judge.submissions.rosters import Owner

SUFFIXES: tuple[str, ...] = (".csv",)
BATCH = True
TAKES_OWNERS = True

MAX_CELL_CHARS = 30_000
"""A spreadsheet cell holds 32,767 characters."""

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")

_COLUMNS = (
    "submission",
    "verdict",
    "points",
    "out_of",
    "checks_passed",
    "checks_failed",
    "checks_not_reached",
    "first_finding",
    "findings",
    "first_line",
    "first_cell",
    "wall_s",
    "cpu_s",
    "peak_memory_mib",
    "redacted_cases",
    "audience",
    "exercise",
    "exercise_digest",
    "sha256",
)

_IDENTITY = ("learner_id", "learner", "group", "attempt", "late")


def render(report: Report) -> str:
    """Return a table of one row."""
    return render_batch([report])


def render_batch(reports: Sequence[Report], owners: Mapping[str, Owner] | None = None) -> str:
    """Return a header and one row per report in the order given; the checks' columns hold the points earned.

    The column of a check that a report does not have is empty; for one that was not reached it says so. With
    ``owners``, by path, there is a row for each learner, and one for each submission of nobody who is known.
    """
    check_ids = list(dict.fromkeys(check.id for report in reports for check in report.checks))
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    identity = _IDENTITY if owners else ()
    writer.writerow([*identity, *_COLUMNS, *(safe_cell(check_id) for check_id in check_ids)])
    for report in reports:
        by_id = {check.id: check for check in report.checks}
        earned = [_earned(by_id.get(check_id)) for check_id in check_ids]
        for cells in _identities(owners.get(report.path)) if owners else [()]:
            writer.writerow([*cells, *_row(report), *earned])
    return out.getvalue()


def safe_cell(text: str) -> str:
    """Return the text on one line, visible, and in no spreadsheet a formula."""
    shown = visible(clip(text, MAX_CELL_CHARS))
    # Checked before escaping too: a leading tab or line end can itself start a formula.
    risky = shown.lstrip().startswith(_FORMULA) or text.startswith(("\t", "\r", "\n"))
    return f"'{shown}" if risky else shown


def _identities(owner: Owner | None) -> list[tuple[str, ...]]:
    """Return the cells about each learner of a submission; empty ones for nobody who is known."""
    if owner is None or not owner.learners:
        return [("",) * len(_IDENTITY)]
    late = "late" if owner.late else ""
    return [
        tuple(map(safe_cell, (learner.id, learner.name, owner.group, owner.attempt, late)))
        for learner in owner.learners
    ]


def _row(report: Report) -> list[str | float]:
    tally = counts(report.checks)
    first = cause(report)
    codes = " ".join(dict.fromkeys(one.code for one in report.findings))
    line = first.span.line if first and first.span else None
    place = report.notebook.place(line) if report.notebook is not None and line is not None else None
    cell, line = place if place is not None else (None, line)
    return [
        safe_cell(report.path),
        report.verdict.value,
        _number(report.points),
        _number(report.out_of),
        tally.passed,
        tally.failed,
        tally.not_reached,
        safe_cell(first.code if first else ""),
        safe_cell(codes),
        _number(line),
        _number(cell),
        _number(timing(report, "wall_s")),
        _number(timing(report, "cpu_s")),
        _number(timing(report, "peak_memory_mib")),
        report.redacted_cases,
        safe_cell(report.audience),
        safe_cell(report.exercise),
        safe_cell(report.exercise_digest),
        safe_cell(report.sha256),
    ]


def _earned(check: CheckResult | None) -> str | float:
    if check is None:
        return ""
    return _number(check.points) if check.outcome.value != "not-reached" else check.outcome.value


def _number(value: object) -> str | float:
    number = finite(value)
    if number is None:
        return ""
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
