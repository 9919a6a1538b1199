"""A grading worksheet as Moodle imports it ("Offline grading worksheet", in English): participants, grades, comments.

Moodle finds participants by the number after ``Participant``, and skips rows whose grade is empty.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from judge.exports.grades import Grade, HandedIn, check_learners, grades, is_number
from judge.exports.policy import Policy, in_digits
from judge.reports.formats.csv import safe_cell
from judge.reports.phrases import VERDICT_WORDS
from judge.submissions.rosters import Owner

COLUMNS = ("Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)", "Feedback comments")


def check(path: Path, owners: Sequence[Owner]) -> Iterator[str]:
    """Yield whom Moodle would not find; raises UsageError where that is everybody."""
    yield from check_learners(path, "moodle", "Moodle", owners)


def document(handed_in: Sequence[HandedIn], policy: Policy) -> bytes:
    """Return the worksheet, with a row for each learner of this class and for nobody else."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in grades(handed_in, policy):
        if is_number(one.learner):
            writer.writerow(
                [
                    f"Participant {one.learner.id}",
                    safe_cell(one.learner.name),
                    in_digits(one.points),
                    in_digits(policy.out_of(one.report)),
                    "",
                    safe_cell(_comment(one, policy)),
                ]
            )
    return out.getvalue().encode()


def _comment(grade: Grade, policy: Policy) -> str:
    """Return what the learner reads beside the grade; '' where there is no grade."""
    if grade.points is None:
        return ""
    best = in_digits(policy.out_of(grade.report))
    words = VERDICT_WORDS[grade.report.verdict]
    return f"{words}: {in_digits(grade.points)} of {best} ({in_digits(grade.percentage)} %)"
