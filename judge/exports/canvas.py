"""A gradebook as Canvas imports it: the students by their ids, one column for the assignment, and the points possible.

A column named as an assignment of the course, with its number as ``Homework 3 (1234)``, sets the grades of that one;
any other name makes a new assignment.  Canvas finds students by the number in ``ID``; the name is for people.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from judge.exports.grades import HandedIn, check_learners, grades, is_number
from judge.exports.policy import Policy, in_digits
from judge.reports.formats.csv import safe_cell
from judge.submissions.rosters import Owner

STUDENT_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "    Points Possible"


def check(path: Path, owners: Sequence[Owner]) -> Iterator[str]:
    """Yield whom Canvas would not find; raises UsageError where that is everybody."""
    yield from check_learners(path, "canvas", "Canvas", owners)


def document(handed_in: Sequence[HandedIn], policy: Policy) -> bytes:
    """Return the gradebook, with a row for each learner of this class and for nobody else."""
    known = [one for one in grades(handed_in, policy) if is_number(one.learner)]
    title = next((one.report.exercise_title for one in handed_in), "")
    out_of = next((best for one in handed_in if (best := policy.out_of(one.report)) is not None), None)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*STUDENT_COLUMNS, safe_cell(policy.column or title)])
    writer.writerow([POINTS_POSSIBLE, "", "", "", "", in_digits(out_of)])
    for one in known:
        writer.writerow([safe_cell(one.learner.name), one.learner.id, "", "", "", in_digits(one.points)])
    return out.getvalue().encode()
