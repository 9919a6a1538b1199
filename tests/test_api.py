"""What `import judge` offers: names on first use, nothing heavy before, and reports rendered in every format."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import judge
from judge.grader import Grader
from judge.reports.formats import format_names

ROOT = Path(__file__).resolve().parents[1]
SMALL = ROOT / "tests" / "exercises" / "optax_sgd_step"


@pytest.mark.parametrize("name", judge.__all__)
def test_every_name_is_there_and_listed(name: str) -> None:
    assert getattr(judge, name) is not None
    assert name in dir(judge)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'grade_all'"):
        judge.grade_all  # noqa: B018


def test_importing_loads_nothing_heavy() -> None:
    code = (
        "import sys, judge; print([name for name in ('jax', 'numpy', 'yaml', 'rich') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_an_isolation_level_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(judge.UsageError, match="accept is one of strong, good, weak, none, got 'medium'"):
        Grader(ROOT, accept="medium")


@pytest.fixture(scope="module")
def report(small_grader: Grader) -> judge.Report:
    return small_grader.grade(SMALL / "submissions" / "kim.py")


@pytest.mark.parametrize("name", format_names())
def test_a_report_is_rendered_in_every_format(report: judge.Report, name: str) -> None:
    assert judge.render(report, name)
    assert judge.render(judge.redact(report), name)
    assert not report.accepted


def test_several_reports_are_rendered_in_one_document(report: judge.Report) -> None:
    assert judge.render([report, report], "csv").count("kim.py") == 2
    with pytest.raises(judge.UsageError, match="gradescope holds one submission, and there are 2"):
        judge.render([report, report], "gradescope")
    with pytest.raises(judge.UsageError, match="no report"):
        judge.render([], "csv")
    with pytest.raises(judge.UsageError, match="Did you mean html"):
        judge.render(report, "htm")


def test_standard_input_is_graded() -> None:
    command = [sys.executable, "-m", "judge", "-", "--exercise", str(SMALL), "--plain", "--no-shrink"]
    source = (ROOT / "submissions" / "casey.py").read_bytes()
    told = subprocess.run(command, input=source, capture_output=True, check=False)
    assert told.returncode == 1
    assert b"Invalid submission, 0 of 4 points: <stdin>" in told.stdout
    assert b"--> <stdin>:" in told.stdout
