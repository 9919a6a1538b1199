"""The JSON report: as its schema says, without NaN, and readable back into the same Report."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry, Resource
from support.factories import SAMPLES, accepted, case, class_of, stale_statistics
from support.report_strategies import any_report, reports

from judge.model import Finding, Lane, Limits, Outcome, Report, Severity, Verdict
from judge.reports.formats import json as json_format
from judge.reports.formats import jsonl
from judge.reports.saved import SavedReportError, report_from_document, report_from_json
from judge.reports.serialize import report_to_json

SCHEMAS = Path(__file__).parents[2] / "judge" / "schema"


def load(name: str) -> dict[str, Any]:
    return json.loads((SCHEMAS / f"{name}.schema.json").read_text())


REGISTRY: Registry[Any] = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in map(load, ("report", "batch", "failure"))
)


@functools.cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(load(name), registry=REGISTRY)


def strict(text: str) -> Any:
    """Parse as JSON and nothing more: Python's parser would take NaN."""

    def refuse(constant: str) -> NoReturn:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_follow_the_schema(name: str) -> None:
    report = SAMPLES[name]()
    document = strict(json_format.render(report))
    validator("report").validate(document)
    assert document["verdict"] == report.verdict
    assert document["submission"]["source"] == report.source


def test_the_shape_that_programs_rely_on() -> None:
    document = strict(json_format.render(stale_statistics()))
    assert document["schema_version"] == 1
    assert document["exercise"]["name"] == "flax-train-step"
    assert document["score"] == {"points": 22.0, "out_of": 29.0}
    check = next(check for check in document["checks"] if check["id"] == "case:scaled/by-30")
    assert check["outcome"] == "failed"
    assert (check["expected"], check["tolerance"]) == ([0.253147], 9.7e-07)
    finding = document["findings"][0]
    assert finding["code"] == "stale-batch-stats"
    assert finding["span"] == {"line": 34, "column": 42, "end_line": 34, "end_column": 62}
    assert document["counterexample"]["inputs"]["x_batch"] == [[1.0], [3.0]]
    assert document["isolation"]["level"] == "strong"


def test_every_value_of_a_document_is_of_a_json_type() -> None:
    def types(value: object) -> set[type]:
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return {type(value)}.union(*map(types, parts))

    report = replace(stale_statistics(), timing={"lane": Lane.WARM, "wall_s": 1.5})
    assert types(report_to_json(report)) <= {dict, list, str, float, int, bool, type(None)}


def test_the_schema_is_strict_about_unknown_and_missing_fields() -> None:
    document = report_to_json(stale_statistics())
    for changed in (
        document | {"extra": 1},
        {name: value for name, value in document.items() if name != "isolation"},
        document | {"verdict": "fine"},
        document | {"checks": [document["checks"][0] | {"expected": ["nan"]}]},
        document | {"schema_version": 2},
    ):
        with pytest.raises(ValidationError):
            validator("report").validate(changed)


def _objects(schema: Any, path: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield path, schema
        for name, inner in schema.items():
            yield from _objects(inner, f"{path}/{name}")


@pytest.mark.parametrize("name", ["report", "batch", "failure"])
def test_every_object_in_the_schema_is_closed_and_described(name: str) -> None:
    schema = load(name)
    Draft202012Validator.check_schema(schema)
    objects = dict(_objects(schema))
    assert objects
    for path, inner in objects.items():
        assert "additionalProperties" in inner, path
        required, properties = set(inner.get("required", ())), set(inner.get("properties", ()))
        assert required == properties or path == "#/properties/timing", path
    assert schema["description"]


def test_limits_in_the_schema_are_the_models() -> None:
    assert set(load("report")["properties"]["limits"]["properties"]) == set(Limits.__dataclass_fields__)
    assert load("report")["properties"]["verdict"]["enum"] == [verdict.value for verdict in Verdict]


def test_numbers_that_are_not_finite_are_spelled_out() -> None:
    nan, infinity = float("nan"), float("inf")
    bad = case(
        "a/b",
        Outcome.FAILED,
        expected=(1.0, 2.0, 3.0),
        got=(nan, infinity, -infinity),
        difference=nan,
        wall_s=nan,
    )
    finding = Finding("x", Severity.NOTE, "x", "x", facts={"loss": nan, "inner": [{"deep": -infinity}]})
    report = replace(accepted(), checks=(bad,), findings=(finding,), points=nan)
    document = strict(json_format.render(report))
    validator("report").validate(document)
    check = document["checks"][0]
    assert check["got"] == ["NaN", "Infinity", "-Infinity"]
    assert (check["difference"], check["wall_s"], document["score"]["points"]) == ("NaN", None, None)
    assert document["findings"][0]["facts"] == {"loss": "NaN", "inner": [{"deep": "-Infinity"}]}
    again = report_from_json(json_format.render(report))
    assert again.checks[0].got is not None
    assert math.isnan(again.checks[0].got[0])
    assert again.checks[0].got[1:] == (infinity, -infinity)
    assert math.isnan(again.points)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_saved_report_comes_back_the_same(name: str) -> None:
    report = SAMPLES[name]()
    again = report_from_json(json_format.render(report))
    # NaN is not equal to itself, and a lone surrogate is spelled out; repr sees all else.
    assert repr(again) == repr(report).replace(r"\ud800", r"\\ud800")


@any_report
@given(reports)
def test_any_report_follows_the_schema_and_comes_back(report: Report) -> None:
    for format_ in (json_format, jsonl):
        text = format_.render(report)
        assert text.isascii()
        assert all(char.isprintable() or char == "\n" for char in text)
        validator("report").validate(strict(text))
        again = report_from_json(text)
        assert format_.render(again) == text
        assert (again.verdict, len(again.checks), len(again.findings)) == (
            report.verdict,
            len(report.checks),
            len(report.findings),
        )


@any_report
@given(st.lists(reports, max_size=3))
def test_any_batch_follows_its_schema(batch: list[Report]) -> None:
    document = strict(json_format.render_batch(batch))
    validator("batch").validate(document)
    assert sum(document["verdicts"].values()) == document["submissions"] == len(batch)
    lines = jsonl.render_batch(batch).splitlines()
    assert [report_to_json(report_from_json(line)) for line in lines] == document["reports"]


def test_a_line_of_json_lines_is_one_line() -> None:
    text = jsonl.render_batch(class_of())
    assert text.count("\n") == len(SAMPLES)
    assert text.endswith("\n")


@pytest.mark.parametrize("kind", ["usage", "interrupted", "judge"])
def test_a_failure_is_a_document_as_well(kind: str) -> None:
    document = strict(json_format.render_failure(kind, "no such file: \x1b\udcff"))
    validator("failure").validate(document)
    assert document["error"]["kind"] == kind
    assert list(validator("report").iter_errors(document)) != []


def without(document: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != name}


def test_what_is_no_saved_report_is_refused_in_one_clear_line() -> None:
    document = report_to_json(stale_statistics())
    for broken, words in (
        ("", "not JSON"),
        ('{"schema_version": 1', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no JSON object"),
        ("{}", "schema_version is None"),
        (json.dumps(document | {"schema_version": 99}), "schema_version is 99"),
        (json.dumps(without(document, "checks")), "'checks' is missing"),
        (json.dumps(document | {"verdict": "fine"}), "'fine' is not a valid Verdict"),
        (json.dumps(document | {"stdout": 5}), "5 should be text"),
        (json.dumps(document | {"checks": 5}), "not a report"),
        (json.dumps(document | {"score": {"points": "many", "out_of": 1}}), "score.points: 'many' should be a number"),
        (json.dumps(document | {"limits": {"speed": 1}}), "limits: .*speed"),
        (json.dumps(document | {"redacted_cases": "5"}), "redacted_cases: '5' should be a whole number"),
        (json.dumps(document | {"submission": 5}), "'submission.path' is missing"),
        (json.dumps(document | {"checks": [document["checks"][0], {}]}), r"checks\[1\]: the field 'id' is missing"),
        (json.dumps(document | {"exercise": document["exercise"] | {"title": 5}}), "exercise.title: 5 should be"),
        (json.dumps(document).replace("0.253147", "NaN", 1), "NaN is no JSON"),
    ):
        with pytest.raises(SavedReportError, match=words) as raised:
            report_from_json(broken)
        assert "\n" not in str(raised.value)


@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_any_other_json_is_refused_without_another_error(document: Any) -> None:
    with pytest.raises(SavedReportError):
        report_from_document(document)
    with pytest.raises(SavedReportError):
        report_from_document({"schema_version": 1, "exercise": document})
    good = report_to_json(accepted())
    for name in good:
        with suppress(SavedReportError):
            report_from_document(good | {name: document})
