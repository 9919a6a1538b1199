"""The formats that tools read, all of them: any report renders, batches of any size do."""

from __future__ import annotations

import re
from types import ModuleType

import pytest
from hypothesis import given
from support.factories import class_of
from support.report_strategies import any_report, reports

from judge.model import Report
from judge.reports.formats import csv, format_for, github, gradescope, junit, markdown, sarif

MODULES = (junit, sarif, csv, markdown, github, gradescope)


def name_of(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


@any_report
@given(reports)
def test_any_report_renders_as_text_that_can_be_written(one: Report) -> None:
    for module in MODULES:
        written = module.render(one).encode("utf-8")
        assert b"\x1b" not in written, name_of(module)
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", written), name_of(module)


@pytest.mark.parametrize("module", [one for one in MODULES if one.BATCH], ids=name_of)
@pytest.mark.parametrize("copies", [0, 1, 3])
def test_batches_of_any_size_render(module: object, copies: int) -> None:
    written = module.render_batch(class_of(copies) if copies else [])  # type: ignore[attr-defined]
    assert isinstance(written, str)
    if copies and module is not markdown:
        for number in range(copies):
            assert f"class/{number:02d}-accepted.py" in written


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("out.junit.xml", "junit"),
        ("out.xml", "junit"),
        ("out.sarif", "sarif"),
        ("out.sarif.json", "sarif"),
        ("results.gradescope.json", "gradescope"),
        ("grades.csv", "csv"),
        ("comment.md", "markdown"),
    ],
)
def test_a_file_name_asks_for_its_format(path: str, name: str) -> None:
    assert format_for(path).name == name
