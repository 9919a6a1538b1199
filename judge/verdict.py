"""Decides the verdict of a step and of a whole submission."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from judge.model import (
    CheckId,
    CheckKind,
    CheckResult,
    ClaimedException,
    Ended,
    Finding,
    Observation,
    Outcome,
    PitfallSpec,
    Severity,
    StepObservation,
    Verdict,
)

VERDICT_OF_END = {
    Ended.EXITED: Verdict.RUNTIME_ERROR,
    Ended.WALL_LIMIT: Verdict.TIME_LIMIT,
    Ended.CPU_LIMIT: Verdict.TIME_LIMIT,
    Ended.MEMORY_LIMIT: Verdict.MEMORY_LIMIT,
    Ended.OUTPUT_LIMIT: Verdict.OUTPUT_LIMIT,
    Ended.THREAD_LIMIT: Verdict.VIOLATION,
    Ended.PROTOCOL: Verdict.VIOLATION,
    Ended.FORBIDDEN_CALL: Verdict.VIOLATION,
    Ended.NOT_STARTED: Verdict.JUDGE_ERROR,
}

UNUSABLE_FILE = ("NoEntryPoint", "WrongSignature")
OUT_OF_MEMORY = ("MemoryError",)


def verdict_of_submission(
    observation: Observation,
    checks: Sequence[CheckResult],
    findings: Iterable[Finding],
    pitfalls: Sequence[PitfallSpec],
) -> Verdict:
    """Return the strongest verdict that anything in the run requires; ``accepted`` only when every check passed.

    Zero cases, or a case that was not reached although nothing went wrong, is the judge's own error.
    """
    found = [_verdict_of_load(observation.load, compiled=observation.compiled)]
    found += [_verdict_of_call(step) for step in observation.cases.values()]
    cases = [check for check in checks if check.kind is CheckKind.CASE]
    if any(check.outcome is Outcome.FAILED for check in cases):
        found.append(Verdict.WRONG_ANSWER)
    failed = {check.id for check in checks if check.outcome is Outcome.FAILED}
    errors = {
        CheckId.of(CheckKind.PITFALL, spec.code) for spec in pitfalls if spec.severity is Severity.ERROR
    }
    if failed & errors or any(finding.severity is Severity.ERROR for finding in findings):
        found.append(Verdict.PITFALL)
    strongest = min(found, key=lambda verdict: verdict.rank)
    everything_passed = bool(cases) and all(check.outcome is Outcome.PASSED for check in cases)
    if strongest is Verdict.ACCEPTED and not everything_passed:
        return Verdict.JUDGE_ERROR
    return strongest


def _verdict_of_load(step: StepObservation, *, compiled: bool) -> Verdict:
    """Return the verdict of the load; a file that Python compiled cannot claim that it was not."""
    raised = step.claimed.raised
    unusable = not compiled or (raised is not None and _is_one_of(raised, UNUSABLE_FILE))
    if step.measured.ended is Ended.ANSWERED and unusable:
        return Verdict.INVALID_SUBMISSION
    return _verdict_of_call(step)


def _verdict_of_call(step: StepObservation) -> Verdict:
    """Return the verdict of a single step by itself; a wrong number is found by comparison, not here."""
    if step.measured.ended is not Ended.ANSWERED:
        return VERDICT_OF_END[step.measured.ended]
    raised = step.claimed.raised
    if raised is None:
        return Verdict.ACCEPTED
    if _is_one_of(raised, OUT_OF_MEMORY) or "RESOURCE_EXHAUSTED" in raised.text:
        return Verdict.MEMORY_LIMIT
    if raised.refused_thread:  # it is chance whether the keeper or the program meets the limit first
        return VERDICT_OF_END[Ended.THREAD_LIMIT]
    return Verdict.RUNTIME_ERROR


def _is_one_of(raised: ClaimedException, names: Sequence[str]) -> bool:
    return any(name.rpartition(".")[2] in names for name in raised.type_names)
