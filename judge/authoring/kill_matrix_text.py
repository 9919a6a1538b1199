"""The kill matrix and the problems as text for a terminal: one row per misconception, one column per case."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from rich.text import Text

from judge.authoring.check import Assessment
from judge.authoring.guards import GuardCoverage
from judge.exercise.kill_matrix import CLEAR, Matrix, Sight

MARKS = {
    Sight.SEEN: ("■", "green"),
    Sight.FAINT: ("▪", "yellow"),
    Sight.UNSEEN: ("·", "dim"),
    Sight.RAISES: ("!", "cyan"),
    Sight.OTHER_FORM: ("#", "cyan"),
}
LEGEND = (
    f"■ seen, {CLEAR:g} tolerances or more   ▪ rejected, but nearer than that   · not seen   "
    "! raises   # another form"
)


def matrix_text(matrix: Matrix) -> Text:
    """Return the matrix with its legend; readable without colour."""
    text = Text()
    width = max((len(m.name) for m in matrix.misconceptions), default=0)
    numbers = [str(index + 1) for index in range(len(matrix.entries))]
    for digit in range(max((len(number) for number in numbers), default=0)):
        padded = "".join(number.rjust(len(numbers[-1]))[digit] for number in numbers)
        text.append(" " * (width + 2) + padded + "\n", style="dim")
    for m in matrix.misconceptions:
        text.append(m.name.ljust(width) + "  ", style="" if m.numeric else "dim")
        for case_id in matrix.case_ids:
            mark, style = MARKS[matrix.cells[case_id][m.name].sight]
            text.append(mark, style=style)
        text.append("  " + _summary(matrix, m.name, m.numeric) + "\n")
    text.append("\n" + LEGEND + "\n\n", style="dim")
    for number, entry in zip(numbers, matrix.entries, strict=True):
        sees = len(matrix.detected_by(entry.case.id))
        row = f"{number.rjust(len(numbers[-1]))}  {entry.case.id.ljust(28)}  {entry.case.visibility.value:6}"
        text.append(f"{row}  sees {sees}\n")
    return text


def coverage_text(coverage: Sequence[GuardCoverage]) -> Text:
    """Return the guards and how many cases enter each; empty when there are none."""
    text = Text()
    if not coverage:
        return text
    width = max(len(row.guard.name) for row in coverage)
    text.append("guard".ljust(width) + "  public  hidden\n", style="dim")
    for row in coverage:
        line = f"{row.guard.name.ljust(width)}  {len(row.public):6}  {len(row.hidden):6}"
        if row.guard.out_of_scope:
            text.append(f"{line}  out of scope: {row.guard.out_of_scope}\n", style="dim")
        else:
            text.append(line + "\n", style="" if row.enough else "bold red")
    text.append("\n")
    return text


def _summary(matrix: Matrix, name: str, numeric: bool) -> str:
    cells = [matrix.cells[case_id][name] for case_id in matrix.case_ids]
    if not numeric:
        raised = sorted({cell.raises for cell in cells if cell.raises and cell.sight is Sight.RAISES})
        return ", ".join(raised) or ("other form" if cells[0].sight is Sight.OTHER_FORM else "same numbers")
    distances = [cell.distance for cell in cells if cell.distance is not None]
    median = statistics.median(distances) if distances else math.nan
    count, public = len(matrix.detecting_cases(name)), len(matrix.detecting_cases(name, public=True))
    return f"seen by {count} ({public} public), median {median:.2g}"


def assessment_text(assessment: Assessment) -> Text:
    """Return the matrix, the problems, the suggestion and a last line with the result."""
    matrix = assessment.matrix
    text = matrix_text(matrix)
    text.append("\n")
    text.append_text(coverage_text(assessment.coverage))
    for complaint in assessment.complaints:
        style = "bold red" if complaint.level == "error" else "yellow"
        text.append(f"{complaint.level}: ", style=style)
        text.append(f"{complaint.place}: {complaint.message}\n")
    if assessment.cover:
        text.append(
            f"smallest set with the same power: {len(assessment.cover)} of {len(matrix.entries)} cases: "
            f"{', '.join(assessment.cover)}\n"
        )
    errors = sum(complaint.level == "error" for complaint in assessment.complaints)
    numeric = len(matrix.numeric)
    result = f"{len(matrix.entries)} cases, {numeric} misconceptions that change numbers"
    in_scope = sum(not row.guard.out_of_scope for row in assessment.coverage)
    result += f", {in_scope} guards: " if in_scope else ": "
    result += "all conditions hold" if not errors else f"{errors} conditions fail"
    text.append(result + "\n", style="bold")
    return text
