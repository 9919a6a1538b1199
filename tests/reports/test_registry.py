"""Every module that declares a format is one, under one name, for any report."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import pytest
from support.factories import SAMPLES, class_of

from judge.model import Report, UsageError
from judge.reports.formats import ReportFormat, format_for, format_named, format_names, formats, registry

FORMATS = formats()


def module(
    name: str, suffixes: tuple[str, ...] = (), *, batch: bool = True, has_batch: bool = True
) -> ModuleType:
    made = ModuleType(name)

    def render(report: Report) -> str:
        return name

    def render_batch(reports: Sequence[Report]) -> str:
        return name * len(reports)

    vars(made).update(SUFFIXES=suffixes, BATCH=batch, render=render)
    if has_batch:
        vars(made).update(render_batch=render_batch)
    return made


def test_the_formats_of_this_package_are_found() -> None:
    assert {"text", "json", "jsonl"} <= {format_.name for format_ in FORMATS}


@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.name)
def test_every_format_renders_every_sample(format_: ReportFormat) -> None:
    for make in SAMPLES.values():
        text = format_.render(make())
        assert text.encode("utf-8")
        assert "\x1b" not in text
    if format_.batch:
        assert format_.render_batch is not None
        assert format_.render_batch(class_of()).encode("utf-8")
        assert isinstance(format_.render_batch([]), str)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.name)
def test_every_format_says_what_it_is_for(format_: ReportFormat) -> None:
    assert format_.summary
    assert all(suffix.startswith(".") or "." in suffix for suffix in format_.suffixes)


def test_two_modules_cannot_claim_one_name_or_suffix() -> None:
    assert [one.name for one in registry([module("b", (".b",)), module("a", (".a",))])] == ["a", "b"]
    with pytest.raises(RuntimeError, match="claim a"):
        registry([module("a"), module("a")])
    with pytest.raises(RuntimeError, match=r"claim \.x"):
        registry([module("a", (".x",)), module("b", (".x",))])


def test_a_batch_format_needs_its_function() -> None:
    with pytest.raises(RuntimeError, match="no render_batch"):
        registry([module("a", has_batch=False)])
    (single,) = registry([module("a", batch=False, has_batch=False)])
    assert single.render_batch is None


def test_a_name_finds_its_format_and_a_wrong_one_a_hint() -> None:
    assert format_named("json").name == "json"
    with pytest.raises(UsageError, match=r"no report format 'jsn'\. Did you mean json\?.*text"):
        format_named("jsn")


def test_a_file_name_finds_its_format_by_the_longest_ending() -> None:
    assert format_for("out/report.json").name == "json"
    assert format_for("REPORT.JSON").name == "json"
    assert format_for("all.jsonl").name == "jsonl"
    with pytest.raises(UsageError, match=r"'report\.docx'.*\.json"):
        format_for("report.docx")


def test_names_of_formats_are_known_without_importing_any() -> None:
    assert format_names()[0] == "text"
    assert sorted(format_names()) == sorted(one.name for one in formats())
