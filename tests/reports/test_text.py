"""The terminal report of one submission: what it says first, what it never says, and how it looks where."""

from __future__ import annotations

import io
import math
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from support.factories import (
    NONE,
    SAMPLES,
    STRONG,
    WEAK,
    accepted,
    accepted_with_warning,
    stale_statistics,
    time_limit,
    wrong,
)
from support.report_strategies import any_report, reports

from judge.model import Isolation, Report, Verdict
from judge.reports.formats.text import report as text
from judge.reports.phrases import VERDICT_WORDS, distinguishable
from judge.reports.terminal import MAX_WIDTH, MIN_WIDTH, TerminalStyle, look_for

RENDERED = Path(__file__).parent / "rendered"
SGR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_read_as_they_were_approved(name: str) -> None:
    """The whole text, read aloud once and kept; JUDGE_UPDATE_RENDERED=1 writes what it is now."""
    shown = text.render(SAMPLES[name](), TerminalStyle(width=90))
    path = RENDERED / f"{name}.txt"
    if os.environ.get("JUDGE_UPDATE_RENDERED"):
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SAMPLES)
def test_verdict_and_score_come_first_and_isolation_is_said(name: str) -> None:
    report = SAMPLES[name]()
    lines = text.render(report).splitlines()
    assert VERDICT_WORDS[report.verdict] in lines[0]
    assert ("no score" if report.verdict is Verdict.JUDGE_ERROR else "points") in lines[0]
    assert f"isolation: {report.isolation.level}" in lines[-1]


def test_a_right_submission_gets_a_short_warm_answer() -> None:
    shown = text.render(accepted())
    assert "Well done" in shown
    assert len(shown.splitlines()) <= 5
    assert "error" not in shown


def test_a_warning_on_a_right_submission_is_shown_in_full() -> None:
    shown = text.render(accepted_with_warning())
    assert shown.startswith("✓ Accepted")
    assert "warning: An array that the caller passed in was changed" in shown
    assert "judge explain input-mutated" in shown


def test_the_marks_stand_under_the_span() -> None:
    lines = text.render(stale_statistics()).splitlines()
    at = next(number for number, line in enumerate(lines) if "^^^" in line)
    start, end = lines[at].index("^"), lines[at].rindex("^") + 1
    assert lines[at - 1][start:end] == '"batch_stats": stats'
    assert "submissions/bob.py:34:42" in lines[at - 3]


def test_errors_come_before_warnings_and_many_findings_stay_short() -> None:
    report = stale_statistics()
    warning = accepted_with_warning().findings[0]
    many = replace(report, findings=(warning,) * 3 + report.findings * 60)
    shown = text.render(many)
    assert "and 43 more findings" in shown
    both = text.render(replace(report, findings=(warning, *report.findings)))
    assert both.index("error: ") < both.index("warning: ")


def test_wrong_numbers_show_expected_got_and_distance() -> None:
    shown = text.render(stale_statistics())
    assert re.search(r"case +expected +got +times off\n", shown)
    assert re.search(r"scaled/by-30 +0\.253147 +0\.734126 +495,855\n", shown)


def test_where_a_table_does_not_fit_every_wrong_number_is_a_sentence() -> None:
    shown = text.render(stale_statistics(), TerminalStyle(width=40))
    assert not re.search(r"case +expected", shown)
    assert "scaled/by-30: expected 0.253147, got 0.734126, 495,855 times off" in " ".join(shown.split())


def test_a_table_of_wrong_numbers_is_used_where_its_cells_fit() -> None:
    report = replace(stale_statistics(), checks=(wrong("日本語/" + "例" * 15),))
    for width, heads in ((80, 1), (60, 0)):  # 19 characters are 37 cells wide
        shown = text.render(report, TerminalStyle(width=width))
        assert len(re.findall(r"case +expected +got +times off", shown)) == heads


def test_the_page_of_a_finding_is_named_once_and_addresses_stand_in_it() -> None:
    report = stale_statistics()
    pages = (
        "judge explain stale-batch-stats",
        "flax, Batch normalization: https://example.org/batch_norm.html",
    )
    shown = text.render(replace(report, findings=(replace(report.findings[0], read_next=pages),)))
    assert "To read on: judge explain stale-batch-stats (leads to: flax, Batch normalization)\n" in shown
    assert "https://" not in shown


def test_numbers_are_said_with_as_many_digits_as_differ() -> None:
    report = SAMPLES["unrecognised_without_sandbox"]()
    checks = tuple(
        replace(check, expected=(0.25,), got=(0.2500000003,)) if check.expected else check
        for check in report.checks
    )
    assert re.search(r" 0\.25 +0\.2500000003 ", text.render(replace(report, checks=checks)))


def test_of_many_entries_the_one_most_off_is_shown() -> None:
    expected, got = tuple(map(float, range(9))), (*map(float, range(7)), 7.5, 8.25)
    assert distinguishable(expected, got) == ("[7] = 7", "[7] = 7.5")
    assert distinguishable(expected, (*got[:8], math.nan)) == ("[8] = 8", "[8] = NaN")
    assert distinguishable((1.0, 2.0), (1.0, 2.5)) == ("[1, 2]", "[1, 2.5]")
    assert distinguishable((1.0,), tuple(got)) == ("1", "[0, 1, 2, 3, ... 9 numbers]")
    assert distinguishable((1.0,), None) == ("1", "nothing")
    assert distinguishable((0.1,), (0.1,)) == ("0.1", "0.1")


def test_right_numbers_in_a_wrong_form_say_what_is_wrong() -> None:
    bad = wrong("a/b", got=0.253147, difference=None, reason="shape (1, 1) instead of (1,)")
    shown = text.render(replace(stale_statistics(), checks=(bad,)))
    assert "Wrong form: a/b (shape (1, 1) instead of (1,))" in " ".join(shown.split())
    assert "Wrong numbers" not in shown


def test_the_small_input_is_shown() -> None:
    shown = text.render(stale_statistics())
    assert "x_batch = [[1], [3]]" in shown
    assert "expected 0.031205, got 0.25" in shown


def test_what_is_not_shown_is_counted() -> None:
    assert "3 hidden cases not shown." in text.render(replace(stale_statistics(), redacted_cases=3))
    assert "1 hidden case not shown." in text.render(replace(accepted(), redacted_cases=1))
    assert "not shown" not in text.render(accepted())


def test_cases_that_were_not_reached_are_not_called_wrong() -> None:
    shown = text.render(time_limit())
    assert "basic      ✗–––––✓––     1 of 9" in shown
    assert "Not reached: basic/wide and 22 more" in shown


@pytest.mark.parametrize(("isolation", "loud"), [(NONE, "NO SANDBOX"), (WEAK, "WEAK SANDBOX")])
def test_a_weak_sandbox_is_stamped_also_on_a_right_submission(isolation: Isolation, loud: str) -> None:
    for make in SAMPLES.values():
        shown = text.render(replace(make(), isolation=isolation))
        assert f"!!! {loud}" in shown.split("\n\n")[1]
        assert "!!!" not in text.render(replace(make(), isolation=STRONG))


def test_an_unknown_isolation_level_is_loud() -> None:
    assert "!!! ISOLATION UNKNOWN" in text.render(replace(accepted(), isolation=Isolation("unknown", (), ())))


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("width", [40, 72, 90])
def test_colour_changes_nothing_but_colour(name: str, width: int) -> None:
    plain = text.render(SAMPLES[name](), TerminalStyle(width=width))
    coloured = text.render(SAMPLES[name](), TerminalStyle(width=width, color="standard"))
    assert "\x1b[" in coloured
    bare = SGR.sub("", coloured)
    assert [line.rstrip() for line in bare.splitlines()] == plain.splitlines()


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("width", [40, 72, 90])
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    for line in text.render(SAMPLES[name](), TerminalStyle(width=width)).splitlines():
        assert len(line) <= width, line


@pytest.mark.parametrize("name", SAMPLES)
def test_ascii_where_nothing_else_can_be_shown(name: str) -> None:
    shown = text.render(SAMPLES[name](), TerminalStyle(unicode=False))
    assert shown.isascii()
    assert "\x1b" not in shown


class _Stream(io.StringIO):
    def __init__(self, tty: bool, encoding: str = "utf-8") -> None:
        super().__init__()
        self._tty, self._encoding = tty, encoding

    def isatty(self) -> bool:
        return self._tty

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


TERMINAL = {"TERM": "xterm-256color"}


def test_a_terminal_gets_colour() -> None:
    look = look_for(_Stream(tty=True), TERMINAL)
    assert (look.color, look.unicode) == ("256", True)


@pytest.mark.parametrize(
    ("tty", "environ", "plain"),
    [
        (False, TERMINAL, False),
        (True, TERMINAL | {"NO_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
        (True, TERMINAL, True),
    ],
)
def test_no_colour_in_pipes_or_when_it_is_not_wanted(tty: bool, environ: dict[str, str], plain: bool) -> None:
    look = look_for(_Stream(tty), environ, plain=plain)
    assert look.color is None
    assert "\x1b" not in text.render(stale_statistics(), look)


@pytest.mark.parametrize("encoding", ["ascii", "ANSI_X3.4-1968", "latin-1"])
def test_signs_follow_the_encoding(encoding: str) -> None:
    look = look_for(_Stream(tty=False, encoding=encoding), {})
    text.render(SAMPLES["hostile"](), look).encode(encoding)


@pytest.mark.parametrize(("columns", "width"), [("10", MIN_WIDTH), ("77", 77), ("500", MAX_WIDTH)])
def test_the_width_is_the_terminals_within_reason(columns: str, width: int) -> None:
    assert look_for(_Stream(tty=True), TERMINAL | {"COLUMNS": columns}).width == width


def test_plain_is_ascii_without_colour() -> None:
    look = look_for(_Stream(tty=True), TERMINAL, plain=True)
    assert text.render(stale_statistics(), look).isascii()


@any_report
@given(reports)
def test_any_report_renders_in_bounded_size_and_drives_no_terminal(report: Report) -> None:
    for look in (TerminalStyle(), TerminalStyle(width=40, color="truecolor"), TerminalStyle(unicode=False)):
        shown = text.render(report, look)
        assert len(shown) < 120_000
        bare = SGR.sub("", shown) if look.color else shown
        assert all(char.isprintable() for line in bare.split("\n") for char in line)
        assert bare.isascii() or look.unicode
        shown.encode("utf-8")
