"""Another exercise, with other parameters and another output, by the same commands and in the real sandbox."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from judge.cli import main
from judge.exercise import load_cases, load_exercise
from judge.grader import Grader
from judge.model import CheckKind, Outcome, Verdict
from judge.sandbox import Warm

EXERCISE = Path(__file__).parent / "optax_sgd_step"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(
        shutil.copytree(EXERCISE, tmp_path / "exercise", ignore=shutil.ignore_patterns("__pycache__"))
    )


def test_its_submissions_get_their_verdicts(small_grader: Grader) -> None:
    right = small_grader.grade(EXERCISE / "submissions" / "robin.py")
    assert right.verdict is Verdict.ACCEPTED
    assert right.points == right.out_of > 0
    assert not right.findings
    wrong = small_grader.grade(EXERCISE / "submissions" / "kim.py")
    assert wrong.verdict is Verdict.WRONG_ANSWER
    assert [finding.code for finding in wrong.findings][:1] == ["gradient-ascent"]
    for path in sorted((EXERCISE / "reference" / "accepted").glob("*.py")):
        assert small_grader.grade(path).verdict is Verdict.ACCEPTED, path.name
    for path in sorted((EXERCISE / "reference" / "misconceptions").glob("*.py")):
        assert small_grader.grade(path).verdict is Verdict.WRONG_ANSWER, path.name


def test_its_goldens_are_current_and_reproduced_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cases", "record", "--check", "--exercise", str(EXERCISE)]) == 0
    assert "4 cases: goldens are current, and the reference gives them here" in capsys.readouterr().out


@pytest.mark.long
def test_it_is_recorded_and_checked(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(copy / "cases" / "goldens")
    assert main(["cases", "record", "--exercise", str(copy)]) == 0
    assert "32 runs; wrote steps.json" in capsys.readouterr().out
    assert main(["cases", "check", "--format", "json", "--exercise", str(copy)]) == 0
    assert json.loads(capsys.readouterr().out)["passed"] is True


@pytest.mark.long
def test_it_is_shown_and_a_case_is_added(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cases", "new", "fresh", "--exercise", str(copy)]) == 0
    assert main(["cases", "record", "--exercise", str(copy)]) == 0
    assert "cases/fresh: new, expected [" in capsys.readouterr().out
    assert main(["cases", "show", "fresh", "--exercise", str(copy)]) == 0
    assert "params  float32[" in capsys.readouterr().out


@pytest.mark.long
def test_its_mutants_are_rejected_or_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cases", "mutate", "--format", "json", "--exercise", str(EXERCISE)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["mutants"] == document["killed"] + document["equivalent"] >= 30
    assert document["unexplained"] == 0
    assert document["stale_equivalents"] == []
    reasons = [fate["reason"] for fate in document["fates"] if fate["killed_by"] is None]
    assert len(reasons) == document["equivalent"]
    assert all(len(reason) > 20 for reason in reasons)


def test_grading_uses_the_frozen_cases_and_draws_nothing(copy: Path) -> None:
    (copy / "reference" / "strategies.py").write_text("raise SystemExit('drawn while grading')\n")
    with Grader(copy, warm=Warm.NEVER) as grader:
        report = grader.grade(copy / "submissions" / "robin.py")
    assert report.verdict is Verdict.ACCEPTED
    graded = {check.id for check in report.checks if check.kind is CheckKind.CASE}
    assert graded == {f"case:{case.id}" for case in load_cases(load_exercise(copy))}


@pytest.mark.long
def test_a_pinned_counterexample_fails_its_submission_without_fuzzing(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = copy / "late.py"
    wrong.write_text(
        "def sgd_step(params, grads, lr):\n    return params - (lr if lr < 1.5 else 1.5) * grads\n"
    )
    with Grader(copy, warm=Warm.NEVER) as grader:
        assert grader.grade(wrong).verdict is Verdict.ACCEPTED, "no case steps as far as that"
    assert main(["fuzz", str(wrong), "--pin", "far", "--exercise", str(copy)]) == 1
    assert "pinned as pinned/far in cases/pinned.yaml" in capsys.readouterr().err
    assert main(["cases", "record", "--exercise", str(copy)]) == 0
    (copy / "reference" / "strategies.py").unlink()
    with Grader(copy, warm=Warm.NEVER) as grader:
        report = grader.grade(wrong)
        assert grader.grade(copy / "submissions" / "robin.py").verdict is Verdict.ACCEPTED
    assert report.verdict is Verdict.WRONG_ANSWER
    failed = [check.id for check in report.checks if check.outcome is Outcome.FAILED]
    assert [name for name in failed if name.startswith("case:")] == ["case:pinned/far"]


@pytest.mark.long
def test_it_is_drawn_from_and_fuzzed(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cases", "draw", "-n", "5", "--seed", "1", "--exercise", str(copy)]) == 0
    first = (copy / "cases" / "generated.yaml").read_bytes()
    assert main(["cases", "draw", "-n", "5", "--seed", "1", "--exercise", str(copy)]) == 0
    assert (copy / "cases" / "generated.yaml").read_bytes() == first
    assert len(load_cases(load_exercise(copy))) == 9
    capsys.readouterr()
    wrong = str(copy / "submissions" / "kim.py")
    assert main(["fuzz", wrong, "-n", "10", "--format", "json", "--exercise", str(copy)]) == 1
    inputs = json.loads(capsys.readouterr().out)["counterexample"]["inputs"]
    assert [len(inputs[name]) for name in ("params", "grads")] == [1, 1]
    assert main(["fuzz", str(copy / "submissions" / "robin.py"), "-n", "10", "--exercise", str(copy)]) == 0
