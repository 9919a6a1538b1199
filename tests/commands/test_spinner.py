"""While a file is graded, a terminal shows what is being done: the case and how many there are."""

from __future__ import annotations

import io

import pytest

from judge import progress
from judge.grader import Grader
from judge.model import Verdict


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_the_stage_stands_beside_the_spinner(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress.status("grading mine.py") as stage:
        stage("case 3 of 20")
    assert "grading mine.py" in terminal.getvalue()


def test_elsewhere_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.status("grading mine.py") as stage:
        stage("case 3 of 20")
    assert capsys.readouterr().err == ""


def test_every_case_is_counted_and_then_the_answers_are_compared(grader: Grader) -> None:
    stages: list[str] = []
    report = grader.grade(
        b"def solve(seed, x_batch, y_batch, lr):\n    return [0.0]\n", on_stage=stages.append
    )
    assert report.verdict is Verdict.WRONG_ANSWER
    count = len(grader.loaded.cases)
    assert [stage for stage in stages if stage.startswith("case")] == [
        f"case {place} of {count}" for place in range(1, count + 1)
    ]
    assert stages.index("comparing the answers") == count
