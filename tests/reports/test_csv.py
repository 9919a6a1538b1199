"""CSV: rectangular, with numbers as numbers, and no cell that a spreadsheet would compute."""

from __future__ import annotations

import csv as stdlib_csv
import io
import re

import pytest
from hypothesis import given
from support.factories import class_of, poisoned
from support.report_strategies import any_report, reports

from judge.model import Report
from judge.reports.formats import csv


def csv_rows(written: str) -> list[list[str]]:
    return list(stdlib_csv.reader(io.StringIO(written, newline="")))


def test_csv_holds_numbers_and_one_row_per_submission() -> None:
    batch = class_of(1)
    header, *rows = csv_rows(csv.render_batch(batch))
    assert [len(row) for row in rows] == [len(header)] * len(batch)
    table = [dict(zip(header, row, strict=True)) for row in rows]
    bob = next(row for row in table if row["first_finding"] == "stale-batch-stats")
    assert (bob["verdict"], float(bob["points"]), float(bob["out_of"])) == ("wrong-answer", 22.0, 29.0)
    assert (bob["checks_failed"], bob["first_line"], float(bob["wall_s"])) == ("7", "34", 3.1416)
    assert (float(bob["case:basic/plain"]), float(bob["case:basic/no-step"])) == (0.0, 1.0)
    late = next(row for row in table if row["verdict"] == "time-limit")
    assert late["case:generated/g00"] == "not-reached"


FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1",
    "＠x",
    '=HYPERLINK("http://x")',
)


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_cells_are_no_formulas(text: str) -> None:
    for cell in (cell for row in csv_rows(csv.render(poisoned(text))) for cell in row):
        assert not re.match(r"\s*[=+\-@＝＋－＠\t\r\n]", cell), cell
    assert stdlib_csv.reader(io.StringIO(text)) is not None
    assert re.match(r"\s*[=+\-@＝＋－＠\t\r\n]", text)  # the control: the text itself is one


def test_csv_of_any_report_is_rectangular_and_has_no_formula() -> None:
    @any_report
    @given(reports)
    def check(one: Report) -> None:
        header, row = csv_rows(csv.render(one))
        assert len(row) == len(header)
        for cell in (*header, *row):
            number = re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", cell)
            assert number or not re.match(r"\s*[=+\-@＝＋－＠\t\r\n]", cell), cell

    check()
