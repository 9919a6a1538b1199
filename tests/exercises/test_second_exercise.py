"""Another exercise, with other parameters and another output, by the same commands and in the real sandbox."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from judge.cli import main
from judge.exercise import load_cases, load_exercise
from judge.grader import Grader
from judge.model import Verdict

EXERCISE = Path(__file__).parent / "optax_sgd_step"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(
        shutil.copytree(EXERCISE, tmp_path / "exercise", ignore=shutil.ignore_patterns("__pycache__"))
    )


def test_its_submissions_get_their_verdicts() -> None:
    with Grader(EXERCISE) as grader:
        right = grader.grade(EXERCISE / "submissions" / "robin.py")
        assert right.verdict is Verdict.ACCEPTED
        assert right.points == right.out_of > 0
        assert not right.findings
        wrong = grader.grade(EXERCISE / "submissions" / "kim.py")
        assert wrong.verdict is Verdict.WRONG_ANSWER
        assert [finding.code for finding in wrong.findings][:1] == ["gradient-ascent"]
        for path in sorted((EXERCISE / "reference" / "accepted").glob("*.py")):
            assert grader.grade(path).verdict is Verdict.ACCEPTED, path.name
        for path in sorted((EXERCISE / "reference" / "misconceptions").glob("*.py")):
            assert grader.grade(path).verdict is Verdict.WRONG_ANSWER, path.name


def test_its_goldens_are_current_and_reproduced_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cases", "record", "--check", "--exercise", str(EXERCISE)]) == 0
    assert "4 cases: goldens are current, and the reference gives them here" in capsys.readouterr().out


def test_it_is_recorded_and_checked(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(copy / "cases" / "goldens")
    assert main(["cases", "record", "--exercise", str(copy)]) == 0
    assert "32 runs; wrote steps.json" in capsys.readouterr().out
    assert main(["cases", "check", "--format", "json", "--exercise", str(copy)]) == 0
    assert json.loads(capsys.readouterr().out)["passed"] is True


def test_it_is_drawn_from_and_fuzzed(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cases", "draw", "-n", "5", "--seed", "1", "--exercise", str(copy)]) == 0
    first = (copy / "cases" / "generated.yaml").read_bytes()
    assert main(["cases", "draw", "-n", "5", "--seed", "1", "--exercise", str(copy)]) == 0
    assert (copy / "cases" / "generated.yaml").read_bytes() == first
    assert len(load_cases(load_exercise(copy))) == 9
    capsys.readouterr()
    wrong = str(copy / "submissions" / "kim.py")
    assert main(["fuzz", wrong, "-n", "20", "--format", "json", "--exercise", str(copy)]) == 1
    inputs = json.loads(capsys.readouterr().out)["counterexample"]["inputs"]
    assert [len(inputs[name]) for name in ("params", "grads")] == [1, 1]
    assert main(["fuzz", str(copy / "submissions" / "robin.py"), "-n", "20", "--exercise", str(copy)]) == 0
