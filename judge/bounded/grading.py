"""Running a submission and reporting on it, with all work on what it sent done within limits."""

from __future__ import annotations

from judge.bounded.client import TooMuchError, server_of
from judge.grade import Bench, SecondRun, report_undiagnosed, run
from judge.model import Limits, Observation, Report, Submission
from judge.sandbox import Sandbox


def observe_and_report(
    bench: Bench, submission: Submission, sandbox: Sandbox, limits: Limits
) -> tuple[Report, Observation]:
    """What the submission did, and the report on it; without a diagnosis where that would need too much.

    The caller has begun with `server_of(bench)`.
    """
    server = server_of(bench)

    def find_second_run(bench: Bench, submission: Submission, observation: Observation) -> SecondRun | None:
        try:
            found: SecondRun | None = server.ask("second-run", submission, observation)
        except TooMuchError:
            return None
        return found

    observation = run(bench, submission, sandbox, find_second_run)
    try:
        report: Report = server.ask("report", submission, observation, limits)
    except TooMuchError as error:
        report = report_undiagnosed(bench, submission, observation, limits, str(error))
    return report, observation
