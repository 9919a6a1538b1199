"""Gradescope results: they fit the specification, and show learners nothing of hidden cases."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import given
from support.factories import SAMPLES, accepted, case, report
from support.report_strategies import any_report, reports

from judge.model import Finding, Outcome, Report, Severity, UsageError, Verdict, Visibility
from judge.reports.formats import gradescope
from judge.reports.redact import redact

VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
GRADESCOPE_SCHEMA = {  # as Gradescope's autograder specification describes results.json
    "type": "object",
    "required": ["score", "tests"],
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number", "minimum": 0},
        "execution_time": {"type": "integer", "minimum": 0},
        "output": {"type": "string"},
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "score", "max_score"],
                "additionalProperties": False,
                "properties": {
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string"},
                    "name_format": FORMAT,
                    "number": {"type": "string"},
                    "output": {"type": "string"},
                    "output_format": FORMAT,
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "visibility": VISIBILITY,
                    "extra_data": {"type": "object"},
                },
            },
        },
    },
}


def refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def gradescope_results(one: Report) -> dict[str, object]:
    results: dict[str, object] = json.loads(gradescope.render(one), parse_constant=refuse_constant)
    return results


@pytest.mark.parametrize("make", SAMPLES.values(), ids=SAMPLES.keys())
def test_gradescope_results_fit_the_specification(make: Callable[[], Report]) -> None:
    one = make()
    results = gradescope_results(one)
    jsonschema.validate(results, GRADESCOPE_SCHEMA)
    assert results["score"] == one.points
    assert results["stdout_visibility"] == "hidden"


def test_gradescope_results_of_any_report_are_json_with_numbers() -> None:
    schema = json.loads(json.dumps(GRADESCOPE_SCHEMA))
    del schema["properties"]["score"]["minimum"]  # any report: also one with a negative score

    @any_report
    @given(reports)
    def check(one: Report) -> None:
        jsonschema.validate(gradescope_results(one), schema)

    check()


def test_gradescope_shows_learners_nothing_of_hidden_cases() -> None:
    secret = case(
        "vault/secret-name",
        Outcome.FAILED,
        visibility=Visibility.HIDDEN,
        expected=(777.125,),
        got=(888.25,),
        reason="secret-reason",
    )
    secret = replace(secret, title="secret-title")
    finding = Finding(
        "stale-batch-stats",
        Severity.ERROR,
        "title",
        "On secret-name you got 888.25",
        checks=("case:vault/secret-name",),
    )
    one = report("zoe", Verdict.WRONG_ANSWER, [case("a/b"), secret], [finding])
    markers = ("secret", "vault", "777.125", "888.25")
    results = gradescope_results(one)
    tests = results.pop("tests")
    assert isinstance(tests, list)
    shown = json.dumps([results, [test for test in tests if test["visibility"] != "hidden"]])
    assert not [marker for marker in markers if marker in shown]
    (hidden,) = [test for test in tests if test["visibility"] == "hidden"]
    assert all(
        marker in json.dumps(hidden) for marker in markers
    )  # instructors do see it; and the search can find it

    for_learner = gradescope.render(redact(one))
    assert not [marker for marker in markers if marker in for_learner]
    listed = json.loads(for_learner)
    assert listed["tests"][-1]["name"] == "1 hidden case, not shown"
    assert sum(test["score"] for test in listed["tests"]) == listed["score"]
    assert sum(test["max_score"] for test in listed["tests"]) == one.out_of


def test_gradescope_grades_one_submission_at_a_time() -> None:
    assert gradescope.render_batch([accepted()]) == gradescope.render(accepted())
    with pytest.raises(UsageError, match="one submission, not 2 submissions"):
        gradescope.render_batch([accepted(), accepted()])
