"""Files written by people who knew the statement and the starter, and nothing of the judge.

``handed_in/wrong`` has one mistake or two in each file, ``handed_in/right`` styles that look unusual and are right.
``handed_in/expected.yaml`` says which verdict each wrong file gets and which codes are true of it, by whoever wrote the
file; the first error has to be one of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from judge.grader import Grader
from judge.model import Severity, Verdict

HERE = Path(__file__).parent / "handed_in"
EXPECTED: dict[str, dict[str, list[str]]] = yaml.safe_load((HERE / "expected.yaml").read_text(encoding="utf-8"))

pytestmark = pytest.mark.long


def test_every_file_is_expected_to_be_something() -> None:
    assert {path.stem for path in (HERE / "wrong").glob("*.py")} == set(EXPECTED)
    assert len(EXPECTED) >= 60
    assert all(entry["verdicts"] and entry["codes"] for entry in EXPECTED.values())


@pytest.mark.parametrize("name", EXPECTED)
def test_wrong_files_are_rejected_and_named(grader: Grader, name: str) -> None:
    report = grader.grade(HERE / "wrong" / f"{name}.py")
    assert report.verdict is not Verdict.ACCEPTED
    assert report.verdict.value in EXPECTED[name]["verdicts"]
    errors = [finding.code for finding in report.findings if finding.severity is Severity.ERROR]
    assert errors[0] in EXPECTED[name]["codes"], errors


@pytest.mark.parametrize("path", sorted((HERE / "right").glob("*.py")), ids=lambda path: path.stem)
def test_right_files_are_accepted(grader: Grader, path: Path) -> None:
    report = grader.grade(path)
    assert report.verdict is Verdict.ACCEPTED, [finding.code for finding in report.findings]
    assert report.points == report.out_of
