"""The terminal report of a class: worst first, and what the class has in common."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.factories import (
    NONE,
    accepted,
    class_of,
    judge_error,
    optimizer_on_variables,
    stale_statistics,
    syntax_error,
)
from support.report_strategies import any_report, reports

from judge.model import Report
from judge.reports.formats.text import report as text
from judge.reports.formats.text.batch import common_folder
from judge.reports.queries import worst_first
from judge.reports.terminal import TerminalStyle


def test_worst_first_by_verdict_then_points_then_name() -> None:
    better = replace(stale_statistics(), path="a.py", points=25.0)
    worse = replace(stale_statistics(), path="z.py", points=3.0)
    twin = replace(worse, path="b.py")
    order = worst_first(
        [accepted(), better, optimizer_on_variables(), worse, judge_error(), twin, syntax_error()]
    )
    names = [report.path.rpartition("/")[2] for report in order]
    assert names == ["ivan.py", "erin.py", "b.py", "z.py", "a.py", "dave.py", "alice.py"]


def test_one_row_each_and_the_folder_said_once_less() -> None:
    batch = class_of(3)
    lines = text.render_batch(batch, TerminalStyle(width=100)).splitlines()
    for report in batch:
        name = report.path.removeprefix("class/")
        assert sum(line.startswith(f"{name} ") for line in lines) == 1, name
    assert lines[1].startswith("00-judge_error.py")


@pytest.mark.parametrize("width", [50, 60, 72, 80, 81, 100])
def test_nothing_in_the_table_is_cut_and_names_break_at_separators(width: int) -> None:
    long = "week_three/maximiliane_von_und_zu_hohenstein-waldenburg_final/solution_of_homework.py"
    batch = [replace(syntax_error(), path=long), replace(optimizer_on_variables(), path="b.py")]
    table = text.render_batch(batch, TerminalStyle(width=width)).partition("2 submissions")[0]
    header, *lines = table.rstrip().splitlines()
    assert max(map(len, [header, *lines])) <= width
    cells = [line[: header.index("verdict")].strip() for line in lines]
    names = cells[: cells.index("b.py")]
    assert "".join(names) == long
    assert all(name[-1] in "/_-." for name in names[:-1])
    if width >= 72:
        found = "".join(line[header.index("first finding") :].strip() for line in lines)
        assert found == "syntax-erroroptimizer-on-variables"


def test_what_fits_is_on_one_line() -> None:
    batch = [replace(syntax_error(), path="a_file.py"), replace(optimizer_on_variables(), path="b.py")]
    table = text.render_batch(batch, TerminalStyle(width=80)).partition("2 submissions")[0]
    assert [line.split()[-1] for line in table.rstrip().splitlines()[1:]] == ["syntax-error", "optimizer-on-variables"]


def test_the_summary_counts_verdicts_findings_and_cases() -> None:
    shown = text.render_batch([stale_statistics()] * 3 + [optimizer_on_variables()] * 2 + [accepted()])
    assert "6 submissions" in shown
    assert re.search(r"wrong answer +3 ", shown)
    assert re.search(r"accepted +1 ", shown)
    findings = shown.partition("Most common findings")[2].partition("Cases that fail most")[0]
    assert re.findall(r"([a-z-]+) +(\d)", findings) == [
        ("stale-batch-stats", "3"),
        ("optimizer-on-variables", "2"),
    ]
    assert re.search(r"scaled/by-30 +3 ", shown.partition("Cases that fail most")[2])


def test_a_code_found_twice_in_one_file_is_one_submission() -> None:
    report = stale_statistics()
    shown = text.render_batch([replace(report, findings=report.findings * 2), accepted()])
    assert re.search(r"stale-batch-stats +1 ", shown.partition("Most common")[2])


def test_a_missing_sandbox_is_loud() -> None:
    shown = text.render_batch([accepted(), replace(accepted(), isolation=NONE)])
    assert "!!! NO SANDBOX for 1 submission" in shown
    assert "isolation: strong 1, none 1" in shown
    assert "!!!" not in text.render_batch([accepted(), accepted()])


def test_hidden_cases_are_counted() -> None:
    assert "3 hidden cases not shown." in text.render_batch([replace(accepted(), redacted_cases=3)] * 2)


def test_no_submission_at_all() -> None:
    assert text.render_batch([]) == "No submission was graded.\n"


def test_the_common_folder() -> None:
    assert common_folder(["a/b/x.py", "a/b/y.py"]) == "a/b/"
    assert common_folder(["a/bc.py", "a/bd.py"]) == "a/"
    assert common_folder(["a/x.py", "b/x.py"]) == ""
    assert common_folder(["a/x.py", "a/x.py/y.py"]) == "a/"
    assert common_folder(["a/x.py"]) == "a/"
    assert common_folder(["a/b/x.py", "a/b/x.py"]) == "a/b/"
    assert common_folder(["/x.py", "/y.py"]) == "/"


@any_report
@given(st.lists(reports, max_size=4))
def test_any_batch_renders_in_bounded_size(batch: list[Report]) -> None:
    for look in (TerminalStyle(), TerminalStyle(width=40, color="256"), TerminalStyle(unicode=False)):
        shown = text.render_batch(batch, look)
        assert len(shown) < 30_000
        bare = re.sub(r"\x1b\[[0-9;]*m", "", shown) if look.color else shown
        assert all(char.isprintable() for line in bare.split("\n") for char in line)
        assert bare.isascii() or look.unicode
