"""Findings in a notebook: every format tells their cell and the line in it, and none a line of the file."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from xml.etree import ElementTree as Xml

import pytest
from support.factories import SOURCE, stale_statistics, syntax_error
from support.html_page import parsed

from judge.batch.summary_row import ReportCompactor
from judge.model import CellLines, Notebook, Report
from judge.reports.formats import csv as csv_format
from judge.reports.formats import formats, github, gradescope, html, junit, markdown, sarif
from judge.reports.formats import json as json_format
from judge.reports.formats.text import report as text
from judge.reports.redact import redact
from judge.reports.saved import report_from_json

NOTE = "Cell 4: left out, as nothing that is graded needs it (line 1, `plt.plot(x)`)."
LINES = SOURCE.count("\n") + 1


def of_notebook(report: Report) -> Report:
    """The report as of a notebook whose cell 2 holds lines 11 to 20 of the source, and cell 5 all below."""
    cells = (CellLines(2, 11, 10), CellLines(5, 21, LINES - 20))
    return replace(report, path="mine.ipynb", notebook=Notebook(cells, (NOTE,)))


@pytest.fixture(scope="module")
def report() -> Report:
    made = of_notebook(stale_statistics())
    assert made.findings[0].span is not None
    assert made.findings[0].span.line == 34, "line 14 of cell 5"
    return made


def test_text_names_the_cell_and_numbers_lines_as_it_does(report: Report) -> None:
    shown = text.render(report)
    assert "--> mine.ipynb, cell 5, line 14\n" in shown
    assert "\n14 │ " in shown
    assert "34 │" not in shown
    assert f"What was left out of the notebook:\n  {NOTE[:60]}" in shown


def test_markdown_names_the_cell(report: Report) -> None:
    shown = markdown.render(report)
    assert "(error, cell 5, line 14)" in shown
    assert "\n14 | " in shown
    assert "<details><summary>What was left out of the notebook</summary>\n\nCell 4: left out" in shown
    assert "(line 1, `plt.plot(x)`)" in shown


def test_json_has_the_cell_and_the_way_from_lines_to_cells(report: Report) -> None:
    document = json.loads(json_format.render(report))
    finding = document["findings"][0]
    assert finding["place"] == {"cell": 5, "line": 14, "end_cell": 5, "end_line": 14}
    assert finding["span"]["line"] == 34, "of the source in the same document"
    assert document["submission"]["notebook"] == {
        "cells": [{"cell": 2, "first": 11, "count": 10}, {"cell": 5, "first": 21, "count": LINES - 20}],
        "notes": [NOTE],
    }
    plain = json.loads(json_format.render(stale_statistics()))
    assert plain["submission"]["notebook"] is None
    assert plain["findings"][0]["place"] is None


def test_saved_reports_keep_it_and_older_ones_are_read(report: Report) -> None:
    assert report_from_json(json_format.render(report)) == report
    document = json.loads(json_format.render(stale_statistics()))
    del document["submission"]["notebook"]
    for finding in (*document["findings"], *document["public_findings"]):
        del finding["place"]
    assert report_from_json(json.dumps(document)) == stale_statistics()


def test_sarif_points_at_the_notebook_without_a_line_of_the_file(report: Report) -> None:
    (run,) = json.loads(sarif.render(report))["runs"]
    (location,) = run["results"][0]["locations"]
    assert location["logicalLocations"] == [{"fullyQualifiedName": "cell 5, line 14"}]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": "mine.ipynb", "index": 0}}
    assert "(cell 5, line 14)" in run["results"][0]["message"]["text"]
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert (told["level"], told["message"]["text"]) == ("note", NOTE)
    assert run["invocations"][0]["executionSuccessful"] is True


def test_github_points_at_the_notebook_without_a_line_of_the_file(report: Report) -> None:
    lines = github.render(report).splitlines()
    assert all("file=mine.ipynb,title=" in line for line in lines)
    assert not any(f"{key}=" in line.partition("::")[0] for line in lines for key in ("line", "endLine", "col"))
    assert "::Cell 5, line 14: " in lines[1]
    assert lines[-1].startswith("::notice file=mine.ipynb,title=What was left out of the notebook::Cell 4: left out")


def test_junit_names_the_cell(report: Report) -> None:
    root = Xml.fromstring(junit.render(report))
    assert any("(cell 5, line 14)" in (one.text or "") for one in root.iter("failure"))
    (noted,) = root.iterfind(".//property[@name='notebook']")
    assert noted.get("value") == NOTE
    whole = Xml.fromstring(junit.render(replace(of_notebook(syntax_error()), checks=())))
    assert any("(cell " in (one.text or "") for one in whole.iter("error"))


def test_csv_has_the_cell_and_the_line_in_it(report: Report) -> None:
    compact = ReportCompactor().compact(report)
    rows = list(csv.DictReader(io.StringIO(csv_format.render_batch([report, compact, stale_statistics()]))))
    assert [(row["first_cell"], row["first_line"]) for row in rows] == [("5", "14"), ("5", "14"), ("", "34")]


def test_gradescope_names_the_cell(report: Report) -> None:
    assert "--> mine.ipynb, cell 5, line 14" in json.loads(gradescope.render(report))["output"]


def test_html_has_the_cells(report: Report) -> None:
    data = parsed(html.render(report)).data("submission-data-0")
    assert data["cells"] == [[2, 11, 10], [5, 21, LINES - 20]]
    assert data["findings"][0]["where"] == "cell 5, line 14"
    said = ["Cell 4: left out, as nothing that is graded needs it (line 1, ", "plt.plot(x)", ")."]
    assert data["notes"] == [[{"text": said}]]
    plain = parsed(html.render(stale_statistics())).data("submission-data-0")
    assert (plain["cells"], plain["notes"], plain["findings"][0]["where"]) == ([], [], "line 34")


def test_learners_see_cells_and_notes(report: Report) -> None:
    assert redact(report).notebook == report.notebook


def test_no_format_has_a_learners_notes_as_markup(report: Report) -> None:
    assert report.notebook is not None
    nasty = replace(report, notebook=replace(report.notebook, notes=("<b>`x` | ::error::%0A\x1b[2J",)))
    for one in formats():
        shown = one.render(nasty)
        assert "\x1b" not in shown
        assert "<b>" not in shown or one.name in ("text", "json", "jsonl", "sarif", "github", "gradescope"), one.name
