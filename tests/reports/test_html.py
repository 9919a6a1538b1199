"""What the HTML report says: its tables, plots and marked places."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.factories import (
    SAMPLES,
    SOURCE,
    accepted,
    case,
    class_of,
    hostile,
    report,
    stale_statistics,
    syntax_error,
    time_limit,
)
from support.html_page import parsed
from support.html_samples import MATRIX
from support.report_strategies import any_report

from judge.commands.output import render
from judge.model import Finding, Outcome, Severity, SourceSpan, Verdict, Visibility
from judge.reports.formats import format_for, format_named, html
from judge.reports.formats.html.heat_map import check_ids, outcomes
from judge.reports.formats.html.plots import histogram
from judge.reports.formats.html.source_lines import marks, shown_lines
from judge.reports.queries import worst_first
from judge.reports.redact import redact

# ------------------------------------------------------------------------------------------------- what it says


def test_the_class_is_counted() -> None:
    batch = class_of(3)
    page = parsed(html.render_batch(batch))
    data = page.data("class-data")
    assert len(data["rows"]) == len(batch)
    assert [row["path"] for row in data["rows"]] == [one.path for one in worst_first(batch)]
    assert data["rows"][0]["words"] == "Judge error"
    assert data["rows"][-1]["words"] == "Accepted"
    for place, one in enumerate(worst_first(batch)):
        row = data["rows"][place]
        assert row["passed"] == sum(check.outcome is Outcome.PASSED for check in one.checks)
        assert {data["codes"][code][0] for code in row["codes"]} == {finding.code for finding in one.findings}
        assert page.data(f"submission-data-{place}")["path"] == row["path"] or one.path != row["path"]
    assert "20% of 30" not in page.text
    assert re.search(r"Accepted\s*20%\s*6 of 30", page.text)


def test_outcomes_by_check() -> None:
    batch = [accepted(), time_limit(), syntax_error(), stale_statistics()]
    ids = check_ids(batch)
    assert outcomes(accepted(), ids) == "p" * 29
    late = outcomes(time_limit(), ids)
    assert late[ids.index("case:basic/plain")] == "f"
    assert late.count("n") == 23
    assert outcomes(syntax_error(), ids) == "n" * 29
    assert outcomes(stale_statistics(), ids).count("f") == 7
    assert outcomes(replace(accepted(), checks=accepted().checks[:2]), ids) == "pp" + "-" * 27


@pytest.mark.parametrize("rows", [1, 20, 400])
def test_the_heat_map_has_every_cell(rows: int) -> None:
    """The area of the cells of one colour is their number times the area of one cell."""
    batch = [replace(stale_statistics(), path=f"{n}.py") for n in range(rows)]
    written = html.render_batch(batch)
    svg = re.search(r'<svg id="heat-map".*?</svg>', written, re.DOTALL)
    assert svg is not None
    row, column = (float(re.search(rf'data-{key}="([\d.]+)"', svg[0])[1]) for key in ("row", "column"))  # type: ignore[index]
    gap_y = 1.0 if row >= 6 else 0.0
    for letter, cells in (("f", 7), ("p", 22)):
        path = re.search(rf'<path class="o-{letter}" d="([^"]*)"', svg[0])
        assert path is not None
        high = sum(float(v) + gap_y for v in re.findall(r"v([\d.]+)h-", path[1]))
        assert high == pytest.approx(cells * rows * row, rel=0.01)
    assert 0 < column <= 30


def test_a_histogram_counts_every_value() -> None:
    drawn = histogram([0.0, 0.05, 0.5, 1.0, 1.0], 10, percent=True, top=1.0)
    assert drawn["columns"][0]["label"] == "0% to 10%: 2"
    assert sum(int(column["many"] or 0) for column in drawn["columns"]) == 5
    assert "median 50%, lowest 0%, highest 100%" in drawn["summary"]
    assert histogram([], 10) is None
    assert "nan" not in str(histogram([0.0, 0.0], 5))
    assert "<p>No seconds known.</p>" in html.render_batch([replace(accepted(), timing={})])


def test_the_kill_matrix_names_what_no_case_sees() -> None:
    written = html.render_batch([accepted()], matrix=MATRIX)
    page = parsed(written)
    assert "Seen by no case: momentum_099" in page.text
    for said in (
        "seen, 5,220 tolerances off",
        "seen, infinitely far off",
        "raises ModifyScopeVariableError",
        "faint, 4 tolerances off",
        "not seen, 0.4 tolerances off",
        "returns numbers of another shape",
        "(hidden)",
    ):
        assert said in page.text
    foot = re.search(r"seen by cases</th>(.*?)</tfoot>", written)
    assert foot is not None
    assert re.findall(r"<td[^>]*>(\d*)</td>", foot[1]) == ["2", "2", "0", "1", ""]
    seen = dict(
        MATRIX, misconceptions=[one for one in MATRIX["misconceptions"] if one["name"] != "momentum_099"]
    )
    assert (
        "Every misconception that changes a number is seen by a case."
        in parsed(html.render_batch([accepted()], matrix=seen)).text
    )
    assert "misconception" not in parsed(html.render_batch([accepted()])).text


def test_the_kill_matrix_takes_what_the_authoring_side_makes() -> None:
    """The shape of MATRIX is the shape of ``Matrix.to_json``, not one of our own."""
    from judge.exercise.kill_matrix import Cell, Matrix, Sight

    assert {cell["sight"] for row in MATRIX["cells"].values() for cell in row.values()} == set(Sight)
    made = Matrix((), (), {"a/b": {"x": Cell(Sight.RAISES, None, "KeyError")}}, {}).to_json()
    assert made.keys() == MATRIX.keys()
    assert made["cells"]["a/b"]["x"] == {"sight": "raises", "distance": None, "raises": "KeyError"}


@pytest.mark.parametrize(
    "matrix",
    [
        {},
        {"cases": [{"id": "a"}], "misconceptions": [{"name": "b"}], "cells": {}},
        {"cases": [{"id": "a"}], "misconceptions": [{"name": "b"}], "cells": {"a": None}},
        {"cases": ["a"], "misconceptions": ["b"], "cells": {}},
    ],
)
def test_a_broken_matrix_breaks_nothing(matrix: object) -> None:
    assert "Accepted" in parsed(html.render_batch([accepted()], matrix=matrix)).text


def test_a_submission_tells_its_findings_and_checks() -> None:
    data = parsed(html.render(stale_statistics())).data("submission-data-0")
    assert (data["words"], data["score"]) == ("Wrong answer", "22 of 29 points")
    (finding,) = data["findings"]
    assert finding["marks"] == [[34, 41, 61]]
    assert data["source"][33][41:61] == '"batch_stats": stats'
    assert finding["blocks"][0]["text"][1] == "scaled/by-100"
    wrong = next(check for check in data["checks"] if check["name"] == "scaled/by-100")
    assert (wrong["expected"], wrong["got"], wrong["off"]) == (
        "0.253147",
        "0.734126",
        "495,855 tolerances off",
    )
    (hidden,) = [check for check in data["checks"] if check["hidden"]]
    assert hidden["name"] == "generated/g09"
    assert data["counterexample"]["inputs"][1] == "x_batch = [[1], [3]]"
    assert len(data["source"]) == SOURCE.count("\n")


def test_code_in_a_message_stays_in_its_lines() -> None:
    data = parsed(html.render(SAMPLES["missing_mutable"]())).data("submission-data-0")
    code = [block["code"] for block in data["findings"][0]["blocks"] if "code" in block]
    assert code == [
        ['Cannot update variable "mean" in "/BatchNorm_0" because collection "batch_stats" is immutable.']
    ]


def test_a_weak_sandbox_is_said_loudly() -> None:
    assert "WEAK SANDBOX" in parsed(html.render(hostile())).data("submission-data-0")["stamp"]
    assert (
        "1 submission ran in a weak sandbox or none"
        in parsed(html.render_batch([hostile(), accepted()])).text
    )
    assert "sandbox or none" not in parsed(html.render_batch([accepted()])).text


def test_a_page_on_a_part_of_a_class_says_so() -> None:
    part = render([accepted()], format_named("html"), ungraded=3)
    assert "the run was stopped: 3 submissions not graded" in parsed(part).text
    assert "1 submission" in parsed(part).text
    whole = render([accepted(), hostile()], format_named("html"))
    assert "the run was stopped" not in parsed(whole).text


def test_hidden_cases_of_a_learners_report_are_nowhere_in_the_page() -> None:
    secret = case(
        "vault/secret-name", Outcome.FAILED, visibility=Visibility.HIDDEN, expected=(777.125,), got=(888.25,)
    )
    one = report("zoe", Verdict.WRONG_ANSWER, [case("a/b"), secret])
    markers = ("secret-name", "vault", "777.125", "888.25")
    staff = html.render(one) + html.render_batch([one, accepted()])
    assert all(marker in staff for marker in markers)
    learner = html.render(redact(one)) + html.render_batch([redact(one), redact(accepted())])
    assert not [marker for marker in markers if marker in learner]
    assert "1 hidden case not shown" in learner


# ------------------------------------------------------------------------------------------- places in the source


def test_marks_stay_on_what_they_point_at() -> None:
    source = "def f():\n\tx = '🜁é\x1b'; bad(x)\n"
    line = source.split("\n")[1]
    span = SourceSpan(2, line.index("bad") + 1, 2, line.index("bad") + 4)
    shown = shown_lines(source, 1000)
    (mark,) = marks(source, span, shown)
    units = shown[1].encode("utf-16-le")
    assert units[2 * mark.start : 2 * mark.end].decode("utf-16-le") == "bad"
    assert shown[1] == "    x = '🜁é\\x1b'; bad(x)"


def test_a_span_over_lines_leaves_blank_ends_out() -> None:
    source = "a = (\n    1 +\n    2   \n)\n"
    found = marks(source, SourceSpan(1, 5, 4, 2), shown_lines(source, 1000))
    assert [(one.line, one.start, one.end) for one in found] == [(1, 4, 5), (2, 4, 7), (3, 4, 5), (4, 0, 1)]


@any_report
@given(
    st.text("ab \t\n\r\u202e🜁\x00", max_size=60),
    st.builds(SourceSpan, *[st.integers(-2, 30)] * 4),
    st.integers(0, 80),
)
def test_marks_lie_in_the_shown_lines(source: str, span: SourceSpan, room: int) -> None:
    shown = shown_lines(source, room) if source else []
    for mark in marks(source, span, shown):
        assert 1 <= mark.line <= len(shown)
        assert 0 <= mark.start <= mark.end <= len(shown[mark.line - 1].encode("utf-16-le")) // 2


def test_long_lines_and_files_are_cut_and_said_to_be() -> None:
    finding = Finding("x", Severity.ERROR, "t", "m", SourceSpan(90_000, 1, 90_000, 3))
    one = replace(
        accepted(), source="y = 2  # " + "z" * 5_000 + "\n" + "a = 1\n" * 100_000, findings=(finding,)
    )
    data = parsed(html.render(one)).data("submission-data-0")
    assert data["source"][0].endswith(" … 4,009 more characters")
    assert len(data["source"]) + data["linesLeftOut"] == 100_001
    assert data["findings"][0]["marks"] == []


def test_html_files_are_html() -> None:
    assert format_for("class.html").name == "html"


# ------------------------------------------------------------------------------------------------------- colours


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_every_ground(scheme: str) -> None:
    """WCAG AA: at least 4.5 to 1, in both colour schemes."""
    (style,) = parsed(html.render(accepted())).styles
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    if scheme == "dark":
        colours |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark))
    verdicts = [verdict.value for verdict in Verdict]
    grounds = {
        "paper": ["ink", "soft", "accent", "violation", "error", "warning", "note"],
        "card": ["ink", "soft", "accent", "accepted", "error", "warning", "note", *verdicts],
        "wash": ["ink", "soft"],
        "code": ["ink"],
        "mark": ["ink", "t-key", "t-str", "t-num", "t-def", "t-com"],
    }
    grounds["card"] += ["t-key", "t-str", "t-num", "t-com", "t-def", "t-fun"]
    poor = {
        (ground, ink): round(contrast(colours[ground], colours[ink]), 2)
        for ground, inks in grounds.items()
        for ink in inks
        if contrast(colours[ground], colours[ink]) < 4.5
    }
    assert not poor
    assert contrast("#777777", "#ffffff") < 4.5 < contrast("#767676", "#ffffff")  # the well-known edge
