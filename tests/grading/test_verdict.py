"""One limit is one verdict, whoever notices it first."""

from __future__ import annotations

import pytest

from judge.model import (
    Claimed,
    ClaimedException,
    Ended,
    Isolation,
    Measured,
    Observation,
    StepObservation,
    Verdict,
)
from judge.verdict import verdict_of_submission

ANSWERED = StepObservation(Measured(Ended.ANSWERED, 0.1, 0.0, 0.0, 0), Claimed())


def verdict_of(step: StepObservation) -> Verdict:
    observation = Observation(ANSWERED, {"one": step}, Isolation("strong", (), ()))
    return verdict_of_submission(observation, [], [], [])


def ended(how: Ended) -> StepObservation:
    return StepObservation(Measured(how, 0.1, 0.0, 0.0, 0), Claimed())


def raised(name: str, text: str) -> StepObservation:
    return StepObservation(
        ANSWERED.measured, Claimed(raised=ClaimedException((name, "builtins.Exception"), text, ()))
    )


@pytest.mark.parametrize(
    ("measured", "claimed"),
    [
        (ended(Ended.THREAD_LIMIT), raised("builtins.RuntimeError", "can't start new thread")),
        (ended(Ended.MEMORY_LIMIT), raised("builtins.MemoryError", "")),
        (ended(Ended.EXITED), raised("builtins.RuntimeError", "can't start")),
    ],
)
def test_it_does_not_matter_who_sees_the_limit_first(
    measured: StepObservation, claimed: StepObservation
) -> None:
    assert verdict_of(measured) is verdict_of(claimed)


def test_other_errors_are_no_limit() -> None:
    assert (
        verdict_of(raised("builtins.RuntimeError", "can't start new thread today")) is Verdict.RUNTIME_ERROR
    )
    assert verdict_of(raised("app.RuntimeError", "can't start new thread")) is Verdict.RUNTIME_ERROR
