"""Classroom 50 results: they fit the published schema, are whole numbers, and show nothing of hidden cases."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from support.factories import SAMPLES, accepted, case, report
from support.report_strategies import any_report, reports

from judge.cli import main
from judge.model import Finding, Outcome, Report, Severity, UsageError, Verdict, Visibility
from judge.reports.formats import classroom50, format_for
from judge.reports.redact import redact

TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 0}

SCHEMA = {  # as foundation50/classroom50 publishes it: schemas/result-v1.schema.json
    "type": "object",
    "additionalProperties": False,
    "required": [
        *("schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit", "release"),
        *("review", "datetime", "score", "max-score", "tests"),
    ],
    "properties": {
        "schema": {"const": "classroom50/result/v1"},
        **dict.fromkeys(("classroom", "assignment", "owner", "commit", "release", "review"), TEXT),
        "assignment_type": {"enum": ["individual", "group", "team"]},
        "submission": {"type": "string", "pattern": "^submit/"},
        "datetime": {
            "type": "string",
            "pattern": r"^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$",
        },
        "score": COUNT,
        "max-score": COUNT,
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["test-name", "passed", "score", "max-score"],
                "properties": {
                    "test-name": TEXT,
                    "passed": {"type": "boolean"},
                    "score": COUNT,
                    "max-score": COUNT,
                },
            },
        },
    },
}


def result_of(one: Report) -> dict[str, Any]:
    """The result, checked as Classroom 50 checks it: by the schema, and by what a schema cannot say."""
    result: dict[str, Any] = json.loads(classroom50.render(one))
    jsonschema.validate(result, SCHEMA)
    whole = [result["score"], result["max-score"]]
    whole += [test[key] for test in result["tests"] for key in ("score", "max-score")]
    assert all(type(number) is int for number in whole)
    assert result["score"] <= result["max-score"]
    assert all(test["score"] <= test["max-score"] for test in result["tests"])
    assert result["score"] == sum(test["score"] for test in result["tests"])
    return result


@pytest.mark.parametrize("make", SAMPLES.values(), ids=SAMPLES.keys())
def test_a_result_fits_the_schema(make: Callable[[], Report]) -> None:
    one = make()
    result = result_of(one)
    assert result["max-score"] == one.out_of
    assert result["score"] == one.points
    assert (result["classroom"], result["assignment"], result["owner"]) == ("jax-101", "bn-step", "ann")


def test_a_result_of_any_report_fits_the_schema() -> None:
    @any_report
    @given(reports)
    def check(one: Report) -> None:
        result_of(one)

    check()


@pytest.mark.parametrize(
    ("points", "whole"),
    [((1.0, 2.0), (1, 2)), ((0.5, 2.0), (5, 20)), ((0.25, 1.5), (25, 150)), ((1 / 3, 1.0), (333, 1000))],
)
def test_parts_of_points_are_made_whole(points: tuple[float, float], whole: tuple[int, int]) -> None:
    checks = [replace(case(f"a/{place}"), points=value, out_of=value) for place, value in enumerate(points)]
    one = replace(
        report("zoe", Verdict.ACCEPTED, []), checks=tuple(checks), points=sum(points), out_of=sum(points)
    )
    right = result_of(one)
    assert [test["max-score"] for test in right["tests"]][:2] == list(whole)
    assert right["score"] == right["max-score"]
    failed = [replace(checks[0], points=0.0, outcome=Outcome.FAILED), checks[1]]
    wrong = result_of(replace(one, verdict=Verdict.WRONG_ANSWER, checks=tuple(failed), points=points[1]))
    assert wrong["max-score"] == right["max-score"]  # a class is compared: the scale is the exercise's
    assert wrong["tests"][0] == {**wrong["tests"][0], "passed": False, "score": 0, "max-score": whole[0]}


def test_a_group_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSIGNMENT_TYPE", "group")
    assert result_of(accepted())["assignment_type"] == "group"


def test_nothing_of_a_hidden_case_is_published() -> None:
    secret = replace(
        case("vault/secret-name", Outcome.FAILED, visibility=Visibility.HIDDEN, reason="secret-reason"),
        title="secret-title",
    )
    finding = Finding(
        "stale-batch-stats", Severity.ERROR, "title", "secret", checks=("case:vault/secret-name",)
    )
    one = report("zoe", Verdict.WRONG_ANSWER, [case("a/b"), secret], [finding])
    for shown in (one, redact(one)):
        result = result_of(shown)
        assert "secret" not in json.dumps(result)
        assert result["tests"][-1]["test-name"] == "1 hidden case, not shown"
        assert result["tests"][-1]["passed"] is False
        assert result["max-score"] == one.out_of


def test_a_submission_without_any_check_is_no_vacuous_pass() -> None:
    one = replace(report("zoe", Verdict.INVALID_SUBMISSION, []), checks=(), points=0.0, out_of=5.0)
    result = result_of(one)
    assert (result["score"], result["max-score"]) == (0, 5)
    assert [test["passed"] for test in result["tests"]] == [False]


@pytest.mark.parametrize("variable", classroom50.FIELDS.values())
@pytest.mark.parametrize(
    ("value", "options"), [(None, ["--format", "classroom50"]), ("", ["-o", "r.classroom50.json"])]
)
def test_a_variable_that_is_missing_is_named_before_anything_is_graded(
    variable: str,
    value: str | None,
    options: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if value is None:
        monkeypatch.delenv(variable)
    else:
        monkeypatch.setenv(variable, value)
    assert main(["there-is-no-such-file.py", *options]) == 2
    captured = capsys.readouterr()
    assert captured.err == (
        f"judge: a result for Classroom 50 needs {variable} in the environment, as its runner sets it\n"
    )
    assert captured.out == ""


def test_all_variables_that_are_missing_are_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in classroom50.FIELDS.values():
        monkeypatch.delenv(variable)
    with pytest.raises(
        UsageError, match=r"needs CLASSROOM, ASSIGNMENT, USERNAME, .*REVIEW_URL in the environment"
    ):
        classroom50.render(accepted())


def test_a_result_holds_one_submission() -> None:
    chosen = format_for("result.classroom50.json")
    assert chosen.name == "classroom50"
    assert not chosen.batch
    assert chosen.render_batch is None
