"""Grading with a public pack: the diagnosis is that of the whole exercise on its public cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from judge.exercise import load_exercise
from judge.exercise.packs.build import build_pack
from judge.grader import Grader
from judge.model import Finding, Report, Verdict
from judge.reports.formats import format_named
from judge.reports.redact import LEARNER, redact
from judge.reports.saved import report_from_json
from judge.sandbox import Warm
from judge.solutions.small_case import small_public_case

ROOT = Path(__file__).resolve().parents[2]
SUBMISSIONS = sorted((ROOT / "submissions").glob("*.py"))
ENDLESS = "morgan.py"
"""It takes all its time in the first cases: nothing to compare, and a minute."""
MISCONCEPTIONS = sorted((ROOT / "reference" / "misconceptions").glob("*.py"))

pytestmark = pytest.mark.long  # two gradings of each file, and two warm lanes


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grader]:
    """A grader that has the public pack and nothing else."""
    pack = tmp_path_factory.mktemp("pack") / "bn-step.zip"
    pack.write_bytes(build_pack(load_exercise(ROOT), public=True))
    with Grader(pack, warm=Warm.SECOND) as shared:
        yield shared


def named(findings: tuple[Finding, ...]) -> list[tuple[object, ...]]:
    return [(finding.code, finding.severity, finding.span) for finding in findings]


def same(practice: Grader, graded: Callable[[Path], Report], path: Path) -> tuple[Report, Report]:
    mine, whole = practice.grade(path, counterexample_s=5.0), graded(path)
    assert named(mine.findings) == named(whole.public_findings)
    outcomes = {check.id: check.outcome for check in whole.checks}
    assert {
        check.id: check.outcome for check in mine.checks if check.id.startswith("case:")
    }.items() <= outcomes.items()
    return mine, whole


@pytest.mark.parametrize("name", ["alice.py", "charlie.py"])
def test_a_pack_diagnoses_as_the_whole_exercise_does(
    practice: Grader, graded: Callable[[Path], Report], name: str
) -> None:
    report, whole = same(practice, graded, ROOT / "submissions" / name)
    assert report.counterexample == small_public_case(practice.loaded.cases, report.checks)
    assert (report.counterexample is None) is (report.verdict is Verdict.ACCEPTED)
    assert report.pack is not None
    assert report.pack.exercise_digest == whole.exercise_digest
    assert whole.pack is None
    hidden = f"{report.pack.hidden_cases} hidden cases ({report.pack.hidden_points:g} points) are graded by your course"
    right = "8 of 8 public cases right" if report.verdict is Verdict.ACCEPTED else "of 8 public cases right"
    for form in ("text", "markdown", "html", "junit"):
        told = " ".join(format_named(form).render(redact(report, LEARNER)).split())
        assert right in told
        assert hidden in told.replace("\\(", "(").replace("\\)", ")")
    assert report_from_json(format_named("json").render(report)) == report


@pytest.mark.parametrize(
    "path", [path for path in SUBMISSIONS if path.name != ENDLESS], ids=lambda path: path.stem
)
def test_every_submission_is_diagnosed_as_with_the_whole_exercise(
    practice: Grader, graded: Callable[[Path], Report], path: Path
) -> None:
    same(practice, graded, path)


@pytest.mark.parametrize("path", MISCONCEPTIONS, ids=lambda path: path.stem)
def test_every_misconception_is_diagnosed_as_with_the_whole_exercise(
    practice: Grader, graded: Callable[[Path], Report], path: Path
) -> None:
    same(practice, graded, path)
