"""The written promise of docs/schemas.md is kept: nothing that was promised goes while a version stays the same."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from promise import PROMISED, WRITTEN, broken, version_of

from judge.batch.summary import SCHEMA_VERSION as SUMMARY_VERSION
from judge.commands.diff import SCHEMA_VERSION as DIFF_VERSION
from judge.reports.serialize import SCHEMA_VERSION as REPORT_VERSION
from judge.schema import schema_names, schema_text

SAID = json.loads(PROMISED.read_text(encoding="utf-8"))
VERSIONS = {
    "report": REPORT_VERSION,
    "batch": REPORT_VERSION,
    "failure": REPORT_VERSION,
    "summary": SUMMARY_VERSION,
    "diff": DIFF_VERSION,
}


def schema(name: str) -> Any:
    return json.loads(schema_text(name))


@pytest.mark.parametrize("name", sorted(SAID))
def test_every_promise_is_kept(name: str) -> None:
    now = schema(name)
    if version_of(now) == SAID[name]["version"]:
        assert broken(name, SAID[name]["fields"], now) == []
    else:
        pytest.fail(f"{name} has a new version: python tests/schema/promise.py, and a line in CHANGELOG.md")


def test_every_schema_was_promised_something() -> None:
    assert set(SAID) == set(schema_names()), "python tests/schema/promise.py promises it"
    assert all(said["fields"] for said in SAID.values())


def test_documents_and_schemas_have_one_version() -> None:
    assert set(VERSIONS) == set(WRITTEN)
    for name, version in VERSIONS.items():
        assert version_of(schema(name)) == version
        assert schema(name)["properties"]["schema_version"]["const"] == version


def test_broken_promises_are_seen() -> None:
    gone, other, optional, needed = (copy.deepcopy(schema(name)) for name in ("report",) * 3 + ("cases",))
    del gone["properties"]["verdict"]
    other["properties"]["redacted_cases"]["type"] = "string"
    optional["required"].remove("score")
    needed["properties"]["author"] = {"type": "string"}
    needed["required"].append("author")
    fields = SAID["report"]["fields"]
    assert broken("report", fields, gone) == ["report: /verdict is gone"]
    assert broken("report", fields, other) == ["report: /redacted_cases was integer!, is string!"]
    assert broken("report", fields, optional) == ["report: /score is no longer always there"]
    assert broken("cases", SAID["cases"]["fields"], needed) == [
        "cases: /author is needed, so that files without it are refused"
    ]


def test_new_fields_may_come() -> None:
    more = schema("report")
    more["properties"]["mood"] = {"type": "string"}
    assert broken("report", SAID["report"]["fields"], more) == []
