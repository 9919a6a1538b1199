"""JUnit XML: read with a real parser of it, it says of each case what the report says."""

from __future__ import annotations

from xml.etree import ElementTree

import junitparser
import pytest
from hypothesis import given
from support.factories import SAMPLES, class_of, hostile
from support.report_strategies import any_report, reports

from judge.model import Report, Verdict
from judge.reports.formats import junit


def junit_cases(written: str) -> dict[str, str]:
    """What a CI system makes of each test case: passed, failure, error or skipped."""
    parsed = junitparser.JUnitXml.fromstring(written.encode("utf-8"))
    return {
        one.name: type(one.result[0]).__name__.lower() if one.result else "passed"
        for suite in parsed
        for one in suite
    }


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("accepted", {"passed": 29}),
        ("stale_statistics", {"passed": 22, "failure": 7}),
        ("missing_mutable", {"error": 25, "failure": 1, "skipped": 1, "passed": 2}),
        ("optimizer_on_variables", {"passed": 28, "failure": 1}),
        ("time_limit", {"error": 1, "skipped": 23, "passed": 5}),
        ("syntax_error", {"skipped": 29, "error": 1}),
        ("judge_error", {"skipped": 29, "error": 1}),
    ],
)
def test_junit_tells_failures_errors_and_skipped_apart(sample: str, expected: dict[str, int]) -> None:
    results = list(junit_cases(junit.render(SAMPLES[sample]())).values())
    assert {kind: results.count(kind) for kind in set(results)} == expected


def test_junit_counts_agree_with_its_cases() -> None:
    root = ElementTree.fromstring(junit.render_batch(class_of(2)))
    suites = root.findall("testsuite")
    assert len(suites) == 2 * len(SAMPLES)
    for element in (root, *suites):
        for key, tag in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            assert int(element.get(key, "-1")) == len(element.findall(f".//{tag}")), (element.tag, key)


def test_junit_of_a_submission_that_is_not_accepted_is_never_green() -> None:
    @any_report
    @given(reports)
    def check(one: Report) -> None:
        root = ElementTree.fromstring(junit.render(one))
        red = root.findall(".//failure") + root.findall(".//error")
        assert red or one.verdict is Verdict.ACCEPTED

    check()


def test_junit_says_why_and_keeps_the_output() -> None:
    root = ElementTree.fromstring(junit.render(hostile()))
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.get("type") == "wrong-answer"
    assert "str is not an array" in failure.get("message", "")
    assert "solve returned text, not numbers" in (failure.text or "")
    output = root.find(".//system-out")
    assert output is not None
    assert (output.text or "").startswith("\\x1b[2J\\x1b[1;1H✓ Accepted, 29 of 29 points\\x07\n")


def test_xml_cannot_hold_the_raw_output() -> None:
    """The control: without escaping, the hostile sample is no XML at all."""
    element = ElementTree.Element("system-out")
    element.text = hostile().checks[0].stdout
    with pytest.raises((ElementTree.ParseError, UnicodeEncodeError)):
        ElementTree.fromstring(
            ElementTree.tostring(element, encoding="unicode").encode("utf-8", "surrogatepass")
        )
