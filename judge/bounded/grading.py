"""Running a submission and reporting on it, with all work on its data done within limits."""

from __future__ import annotations

from judge.bounded.client import TooMuchError, server_of
from judge.grade import LoadedExercise, OnStage, observe, observe_again
from judge.model import Limits, Observation, Report, Submission
from judge.observed import SecondRun, report_undiagnosed
from judge.sandbox import Sandbox
from judge.submission import NOT_A_NOTEBOOK, Unusable


def python_of(loaded: LoadedExercise, submission: Submission, limits: Limits) -> Submission | Unusable:
    """Return a notebook with the Python in it as its source. The caller must have begun as below."""
    try:
        read = server_of(loaded).ask("notebook", submission, limits)
    except TooMuchError as error:
        return Unusable(submission.path, NOT_A_NOTEBOOK, f"it is a notebook that needs {error} to be read")
    assert isinstance(read, Submission | Unusable)
    return read


def observe_and_report(
    loaded: LoadedExercise,
    submission: Submission,
    sandbox: Sandbox,
    limits: Limits,
    on_stage: OnStage = lambda stage: None,
) -> tuple[Report, Observation]:
    """Return the report and the observation; without a diagnosis where that would exceed the limits.

    The caller must have begun with `server_of(loaded)`.
    """
    server = server_of(loaded)

    observation = observe(loaded, submission, sandbox, on_stage)
    on_stage("comparing the answers")
    try:
        outcome: Report | SecondRun = server.ask("report-or-again", submission, observation, limits)
        if isinstance(outcome, SecondRun):
            on_stage("one case once more")
            observation = observe_again(loaded, submission, sandbox, observation, outcome)
            outcome = server.ask("report", submission, observation, limits)
    except TooMuchError as error:
        outcome = report_undiagnosed(loaded, submission, observation, limits, str(error))
    assert isinstance(outcome, Report)
    return outcome, observation
