"""Work within limits: what is too much is given up and said, and what somebody killed is started again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import worst

from judge.bounded.client import Server, TooMuchError
from judge.grade import LoadedExercise
from judge.grader import load_exercise_with_goldens
from judge.model import Claimed, JudgeError, Observation, Outcome, Verdict
from judge.observed import SecondRun, judge_observation, report_undiagnosed
from judge.reports.formats import formats
from judge.submission import submission_of

ROOT = Path(__file__).resolve().parents[2]
RIGHT = submission_of("def solve(seed, x_batch, y_batch, lr):\n    return 1\n", "right.py")


class Runs:
    """An argument that runs an expression in the worker when it arrives there."""

    def __init__(self, expression: str) -> None:
        self.expression = expression

    def __reduce__(self) -> tuple[Any, ...]:
        return eval, (self.expression,)


@pytest.fixture(scope="module")
def loaded() -> LoadedExercise:
    return load_exercise_with_goldens(ROOT)


@pytest.fixture(scope="module")
def server(loaded: LoadedExercise) -> Iterator[Server]:
    server = Server((loaded.exercise, loaded.cases, dict(loaded.goldens), loaded.misconceptions))
    server.begin(server)
    yield server
    server.leave(server)


def ask(server: Server, loaded: LoadedExercise, seen: Observation) -> SecondRun:
    found = server.ask("report-or-again", RIGHT, seen, loaded.exercise.limits)
    assert isinstance(found, SecondRun)
    return found


@pytest.mark.parametrize(
    "expression",
    [
        "[0 for _ in iter(int, 1)]",
        "bytearray(200 << 20)",
        "[bytearray(1 << 20) for _ in range(200)]",
        "__import__('ctypes').string_at(0)",
        "(lambda f: f(f))(lambda f: f(f))",
    ],
    ids=["endless", "one large piece", "many pieces", "crash", "too deep"],
)
def test_what_is_too_much_is_given_up_and_the_next_piece_of_work_is_done(
    server: Server, loaded: LoadedExercise, expression: str
) -> None:
    with pytest.raises(TooMuchError, match="more than 2 s of processor time or 48 MiB"):
        server.ask("report-or-again", RIGHT, Runs(expression), None)
    seen = worst.observation(loaded, lambda case, n: Claimed(returned=worst.right(loaded, case)))
    assert ask(server, loaded, seen).kind == "scaled"


def test_the_report_is_the_one_that_is_made_without_limits(server: Server, loaded: LoadedExercise) -> None:
    seen = worst.observation(
        loaded, lambda case, n: Claimed(returned=worst.wrong(loaded, case, n), events=worst.events(40))
    )
    asked = server.ask("report", RIGHT, seen, loaded.exercise.limits)
    assert asked == judge_observation(loaded, RIGHT, seen, loaded.exercise.limits)


def test_an_error_of_the_work_comes_back_as_it_is(server: Server) -> None:
    with pytest.raises(ZeroDivisionError):
        server.ask("report-or-again", RIGHT, Runs("1 / 0"), None)


def test_a_worker_that_is_killed_from_outside_is_the_judge_s_error(server: Server) -> None:
    with pytest.raises(JudgeError, match="is gone, each time"):
        server.ask(
            "report-or-again", RIGHT, Runs("__import__('os').kill(__import__('os').getpid(), 9)"), None
        )


def test_a_server_that_is_killed_is_started_again(server: Server, loaded: LoadedExercise) -> None:
    seen = worst.observation(loaded, lambda case, n: Claimed(returned=worst.right(loaded, case)))
    assert ask(server, loaded, seen).kind == "scaled"
    assert server._process is not None
    os.kill(server._process.pid, signal.SIGKILL)
    server._process.wait()
    assert ask(server, loaded, seen).kind == "scaled"


def test_the_server_ends_with_its_last_member(loaded: LoadedExercise) -> None:
    server = Server((loaded.exercise, loaded.cases, dict(loaded.goldens), loaded.misconceptions))
    server.begin(1)
    server.begin(2)
    process = server._process
    assert process is not None
    server.leave(1)
    assert process.poll() is None
    server.leave(2)
    assert process.poll() is not None
    with pytest.raises(JudgeError, match="closed meanwhile"):
        server.ask("report-or-again", None, None, None)


# --------------------------------------------------------------------------------------- a diagnosis that is given up


def test_without_a_diagnosis_right_numbers_are_no_pitfall_avoided(loaded: LoadedExercise) -> None:
    seen = worst.observation(loaded, lambda case, n: Claimed(returned=worst.right(loaded, case)))
    report = report_undiagnosed(loaded, RIGHT, seen, loaded.exercise.limits, "too much")
    assert report.verdict is Verdict.PITFALL
    assert report.points == sum(case.points for case in loaded.cases)
    assert {check.outcome for check in report.checks if check.id.startswith("pitfall:")} == {
        Outcome.NOT_REACHED
    }
    assert [finding.code for finding in report.findings] == ["diagnosis-given-up"]
    assert "needed too much" in report.findings[0].message
    for one in formats():
        assert one.render(report)


def test_without_a_diagnosis_the_verdict_is_what_the_numbers_say(loaded: LoadedExercise) -> None:
    seen = worst.observation(loaded, lambda case, n: Claimed(returned=worst.wrong(loaded, case, n)))
    report = report_undiagnosed(loaded, RIGHT, seen, loaded.exercise.limits, "too much")
    assert report.verdict is Verdict.WRONG_ANSWER
    assert report.points == 0
    raised = worst.observation(loaded, lambda case, n: Claimed(raised=worst.exception(n)))
    again = report_undiagnosed(loaded, RIGHT, raised, loaded.exercise.limits, "too much")
    assert again.verdict is Verdict.RUNTIME_ERROR
