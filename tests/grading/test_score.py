"""What a submission earns: a case where its number is right, an avoided pitfall where every number is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from judge.grade import LoadedExercise
from judge.grader import load_exercise_with_goldens
from judge.model import (
    Case,
    CheckKind,
    CheckResult,
    Claimed,
    ClaimedException,
    ClaimedValue,
    Ended,
    Event,
    Isolation,
    Limits,
    Measured,
    Observation,
    Outcome,
    Report,
    Submission,
    Verdict,
    Visibility,
)
from judge.model import StepObservation as Step
from judge.observed import judge_observation
from judge.reports.formats.gradescope import render as render_for_gradescope
from judge.reports.formats.html import render as render_html
from judge.reports.formats.markdown import render as render_markdown
from judge.reports.formats.text.report import render
from judge.reports.terminal import TerminalStyle

ROOT = Path(__file__).resolve().parents[2]
MEASURED = Measured(Ended.ANSWERED, 0.1, 0.0, 0.0, 0)
WITH_AUX = Event("grad-call", 1, {"api": "value_and_grad", "has_aux": True, "raised": None})
"""What shows that one of the pitfalls was avoided: a differentiation with aux that went through."""
PITFALL = "pitfall:missing-has-aux"

Answer = Callable[[Case, np.ndarray], "np.ndarray | ClaimedException"]


@pytest.fixture(scope="module")
def loaded() -> LoadedExercise:
    return load_exercise_with_goldens(ROOT)


def judged(loaded: LoadedExercise, answer: Answer) -> Report:
    steps = {}
    for case in loaded.cases:
        told = answer(case, loaded.goldens[case.id].expected)
        if isinstance(told, ClaimedException):
            steps[case.id] = Step(MEASURED, Claimed(raised=told, events=(WITH_AUX,)))
        else:
            value = ClaimedValue("numpy.ndarray", "float64", told.shape, told)
            steps[case.id] = Step(MEASURED, Claimed(returned=value, events=(WITH_AUX,)))
    seen = Observation(Step(MEASURED, Claimed()), steps, Isolation("strong", (), ()))
    return judge_observation(loaded, Submission("some.py", b"", ""), seen, Limits())


def avoided(report: Report) -> CheckResult:
    return next(check for check in report.checks if check.id == PITFALL)


def raised(case: Case, expected: np.ndarray) -> ClaimedException:
    return ClaimedException(("builtins.ValueError", "builtins.Exception"), "no", ())


def test_an_avoided_pitfall_earns_its_points_where_every_answer_is_right(loaded: LoadedExercise) -> None:
    report = judged(loaded, lambda case, expected: expected)
    assert report.verdict is Verdict.ACCEPTED
    assert report.points == report.out_of
    assert avoided(report).points == avoided(report).out_of > 0


def test_a_program_that_never_returned_a_number_earns_nothing(loaded: LoadedExercise) -> None:
    report = judged(loaded, raised)
    assert report.verdict is Verdict.RUNTIME_ERROR
    assert report.points == 0
    assert avoided(report).outcome is Outcome.NOT_REACHED
    assert "Pitfalls: not reached" in render(report, TerminalStyle(width=100))


def test_a_table_of_the_public_answers_earns_those_and_no_more(loaded: LoadedExercise) -> None:
    report = judged(
        loaded, lambda case, expected: expected if case.visibility is Visibility.PUBLIC else 2 * expected + 1
    )
    public = sum(case.points for case in loaded.cases if case.visibility is Visibility.PUBLIC)
    assert report.points == public
    assert avoided(report).outcome is Outcome.PASSED
    assert avoided(report).points == 0


def test_one_wrong_answer_keeps_the_points_for_pitfalls_back_and_the_report_says_so(loaded: LoadedExercise) -> None:
    last = loaded.cases[-1].id
    report = judged(loaded, lambda case, expected: 2 * expected + 1 if case.id == last else expected)
    cases = [check for check in report.checks if check.kind is CheckKind.CASE]
    assert report.points == sum(check.points for check in cases)
    said = "points for them come when every answer is right"
    assert said in " ".join(render(report, TerminalStyle(width=100)).split())
    for render_it in (render_for_gradescope, render_html, render_markdown):
        assert "points for it come when every answer is right" in render_it(report)
    right = judged(loaded, lambda case, expected: expected)
    assert said not in render(replace(right, verdict=Verdict.PITFALL), TerminalStyle(width=100))
    for render_it in (render_for_gradescope, render_html, render_markdown):
        assert "points for it come" not in render_it(right)
