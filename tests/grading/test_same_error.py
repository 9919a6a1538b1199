"""A program that raises the same exception on the most different public cases is not called on the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from judge.grader import Grader
from judge.model import (
    Case,
    Claimed,
    ClaimedException,
    ClaimedFrame,
    Ended,
    Measured,
    Origin,
    Outcome,
    StepObservation,
    Verdict,
    Visibility,
)
from judge.same_error import call_after_errors
from judge.sandbox.session import Call

ANSWERED = Measured(Ended.ANSWERED, 0.1, 0.0, 0.0, 0)


def case(name: str, rows: int, lr: float = 0.1, visibility: Visibility = Visibility.PUBLIC) -> Case:
    inputs = {"x": np.ones((rows, 2), np.float32), "lr": lr}
    return Case(f"tests/{name}", "a test", inputs, 1.0, visibility, Origin.WRITTEN, name)


CASES = [
    case("one", 1),
    case("two", 2),
    case("three", 3),
    case("still", 3, lr=0.0),
    case("large", 9),
    case("hidden", 4, visibility=Visibility.HIDDEN),
]


def raises(text: str = "name 'a' is not defined", line: int = 7) -> StepObservation:
    frames = (ClaimedFrame(line, "solve"),)
    return StepObservation(ANSWERED, Claimed(raised=ClaimedException(("builtins.NameError",), text, frames)))


def called(steps: Sequence[StepObservation], cases: Sequence[Case] = CASES) -> list[str]:
    """The cases that are called, in order; the steps are their results, the last one that of all others too."""
    next_call = call_after_errors(cases)
    waiting = [Call(one.id, one.inputs) for one in cases]
    made: dict[str, StepObservation] = {}
    while waiting and (call := next_call(made, waiting)) is not None:
        waiting.remove(call)
        made[call.id] = steps[min(len(made), len(steps) - 1)]
    return [name.removeprefix("tests/") for name in made]


def test_after_the_same_error_in_the_first_the_largest_and_one_with_a_zero_the_calls_end() -> None:
    assert called([raises()]) == ["one", "large", "still"]


def test_where_no_case_has_a_zero_one_between_the_others_is_the_third() -> None:
    assert called([raises()], [one for one in CASES if one.id != "tests/still"]) == ["one", "large", "three"]


def test_another_text_line_or_end_is_another_error_and_every_case_is_called() -> None:
    others = (
        raises("name 'b' is not defined"),
        raises(line=8),
        StepObservation(ANSWERED, Claimed()),
        StepObservation(Measured(Ended.WALL_LIMIT, 9.0, 0.0, 0.0, 0), Claimed()),
    )
    for other in others:
        names = called([raises(), raises(), other, raises()])
        assert names == ["one", "large", "still", "two", "three", "hidden"]
        assert called([raises(), other, raises()]) == ["one", "large", "two", "three", "still", "hidden"]


def test_shapes_and_values_in_the_text_do_not_make_it_another_error() -> None:
    texts = ("Output was: (Array(0.5), ...)", "Output was: (Array(1.25e+3), ...)", "Output was: (Array(0), ...)")
    assert called([raises(text) for text in texts]) == ["one", "large", "still"]
    assert len(called([raises("got 3 rows"), raises("got 3 rows"), raises("has 3 rows")])) == len(CASES)


def test_the_same_limit_is_the_same_error_wherever_the_program_was() -> None:
    steps = [
        StepObservation(replace(ANSWERED, ended=Ended.MEMORY_LIMIT), Claimed(stopped_at=(ClaimedFrame(line, "f"),)))
        for line in (3, 4, 5)
    ]
    assert called(steps) == ["one", "large", "still"]
    assert len(called([*steps[:2], raises()])) == len(CASES)


def test_programs_that_answer_are_called_in_the_usual_order() -> None:
    assert called([StepObservation(ANSWERED, Claimed())]) == [one.id.removeprefix("tests/") for one in CASES]
    assert called([StepObservation(ANSWERED, Claimed()), raises()])[:3] == ["one", "two", "three"]


def test_two_public_cases_show_too_little() -> None:
    few = [case("one", 1), case("two", 2), case("hidden", 3, visibility=Visibility.HIDDEN)]
    assert called([raises()], few) == ["one", "two", "hidden"]


def test_the_report_says_how_many_were_not_run(grader: Grader) -> None:
    report = grader.grade(b"def solve(seed, x_batch, y_batch, lr):\n    return lss\n")
    reached = [check for check in report.checks if check.outcome is Outcome.FAILED]
    assert (report.verdict, report.points, len(reached)) == (Verdict.RUNTIME_ERROR, 0.0, 3)
    (finding,) = report.findings
    left = len(grader.loaded.cases) - 3
    assert f"After the same error in 3 cases, the {left} other cases were not run." in finding.message


def test_a_pitfall_that_always_raises_says_it_too(grader: Grader) -> None:
    report = grader.grade(Path(__file__).parents[2] / "submissions" / "sam.py")
    assert [finding.code for finding in report.findings] == ["missing-has-aux"]
    left = len(grader.loaded.cases) - 3
    assert f"After the same error in 3 cases, the {left} other cases were not run." in report.findings[0].message
