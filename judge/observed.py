"""Turns an observation into a report, or into the second run that can settle a doubt.

All of it is pure, so a saved observation can be judged again, and needs no sandbox, so that the process which does
this work starts fast (`judge.bounded`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from judge.compare import compare
from judge.diagnosis import Comparison, Diagnosis, diagnose
from judge.diagnosis.in_cells import in_cells
from judge.diagnosis.memorised import suspected
from judge.diagnosis.messages import in_short
from judge.diagnosis.purity import suspect, suspect_by_source
from judge.diagnosis.second_look import wanted
from judge.diagnosis.spans import Source
from judge.exercise import Misconception
from judge.model import (
    Case,
    CheckId,
    CheckKind,
    CheckResult,
    Ended,
    Exercise,
    Finding,
    Golden,
    Isolation,
    Lane,
    Limits,
    Observation,
    Outcome,
    PitfallSpec,
    Report,
    Severity,
    StepObservation,
    Submission,
    Verdict,
    Visibility,
)
from judge.pages import QUESTION, page
from judge.reports.escape import clip
from judge.submission import Unusable, text_of
from judge.verdict import verdict_of_submission
from judge.version import __version__

SHOWN_SOURCE_CHARS = 100_000
SHOWN_OUTPUT_CHARS = 64 * 1024
"""The most characters of output in a report. A character takes up to twelve in JSON, and more in a web page."""
SHOWN_NUMBERS = 100
"""The most numbers of an answer in a wrong shape: with more than this, and more than were asked for, the shape says
enough."""
NOT_REACHED = "not reached"
UNDIAGNOSED = "diagnosis-given-up"


class AnswerKey:
    """The key that submissions are judged by: the cases, the right answer of each, and the known mistakes."""

    def __init__(
        self,
        exercise: Exercise,
        cases: Sequence[Case],
        goldens: Mapping[str, Golden],
        misconceptions: Sequence[Misconception],
    ) -> None:
        self.exercise = exercise
        self.goldens = goldens
        self.misconceptions = tuple(misconceptions)
        # Public ones first: what a submission prints or returns there cannot hold a hidden input that it saw before.
        self.cases = tuple(
            sorted(cases, key=lambda case: (case.visibility is Visibility.HIDDEN, case.shape_key, case.id))
        )


@dataclass(frozen=True)
class SecondRun:
    """One case to run once more, in a fresh process, because the answers leave a doubt."""

    kind: Literal["moved", "alone", "scaled"]
    """``moved``: with its inputs moved a little, if the answers may be memorised; ``alone``: unchanged, if they may
    depend on earlier calls; ``scaled``: with other optimizers, if right answers do not show enough."""
    case: str


def second_run_of(key: AnswerKey, submission: Submission, observation: Observation) -> SecondRun | None:
    """Return the second run for a doubt that the answers leave, if any."""
    cases, goldens = key.cases, key.goldens
    if case := suspected(observation, cases, goldens):
        return SecondRun("moved", case)
    if case := suspect(observation, cases, goldens):
        return SecondRun("alone", case)
    if case := suspect_by_source(submission.source, observation, cases, goldens):
        return SecondRun("alone", case)
    if case := wanted(key.exercise, submission.source, observation, cases, goldens):
        return SecondRun("scaled", case)
    return None


def report_or_again(
    key: AnswerKey, submission: Submission, observation: Observation, limits: Limits
) -> Report | SecondRun:
    """Return the report, or the second run if the observation leaves a doubt that one could settle."""
    return second_run_of(key, submission, observation) or judge_observation(
        key, submission, observation, limits
    )


def judge_observation(
    key: AnswerKey, submission: Submission, observation: Observation, limits: Limits
) -> Report:
    """Return the report on an observed submission; pure, so a saved observation can be judged again."""
    exercise = replace(key.exercise, limits=limits)  # those in force, for findings that name them
    if submission.notebook is not None:
        observation = in_cells(observation, submission.notebook, submission.path)
    source = Source(submission.source, submission.notebook)  # parsed once for both
    diagnosis = diagnose(
        exercise,
        submission,
        observation,
        key.cases,
        key.goldens,
        key.misconceptions,
        repeats=observation.repeats,
        source=source,
    )
    public = tuple(case for case in key.cases if case.visibility is Visibility.PUBLIC)
    seen_in_public = {case.id: observation.cases[case.id] for case in public if case.id in observation.cases}
    public_diagnosis = diagnose(
        exercise,
        submission,
        replace(observation, cases=seen_in_public),
        public,
        key.goldens,
        key.misconceptions,
        repeats=observation.repeats,
        source=source,
    )
    return _report(key, submission, observation, limits, diagnosis, public_diagnosis)


def report_undiagnosed(
    key: AnswerKey, submission: Submission, observation: Observation, limits: Limits, needed: str
) -> Report:
    """Return the report on a submission whose diagnosis was given up: it ``needed`` more than it may.

    The results of comparison and of how steps ended stand. Pitfalls were not examined, so their checks are not
    reached.
    """
    known = page(UNDIAGNOSED, None)
    finding = Finding(
        code=UNDIAGNOSED,
        severity=Severity.ERROR,
        title=known.title,
        message=f"What this run said of itself was not looked through to the end: that needed {needed}. So no mistake "
        f"is named here, and no check of a pitfall earns points. The answers themselves were compared as always.\n\n"
        f"{known.first_paragraph('Why it happens')}\n\n{known.first_paragraph(QUESTION)}",
        facts={"needed": needed},
        read_next=(f"judge explain {UNDIAGNOSED}", *known.read_on),
    )
    if submission.notebook is not None:
        observation = in_cells(observation, submission.notebook, submission.path)
    nothing = Diagnosis((finding,), {spec.code: Outcome.NOT_REACHED for spec in key.exercise.pitfalls})
    return _report(key, submission, observation, limits, nothing, nothing)


def _report(
    key: AnswerKey,
    submission: Submission,
    observation: Observation,
    limits: Limits,
    diagnosis: Diagnosis,
    public_diagnosis: Diagnosis,
) -> Report:
    comparisons = {
        case.id: compared
        for case in key.cases
        if (compared := _compare(observation.cases.get(case.id), key.goldens[case.id])) is not None
    }
    room = SHOWN_OUTPUT_CHARS
    loading = clip(observation.load.claimed.stdout, room)
    room = max(room - len(loading), 0)
    cases = []
    for case in key.cases:
        check = _case_check(case, key, observation.cases.get(case.id), comparisons)
        cases.append(replace(check, stdout=clip(check.stdout, room)))
        room = max(room - len(check.stdout), 0)
    all_right = all(check.outcome is Outcome.PASSED for check in cases)
    checks = (
        *cases,
        *(_pitfall_check(spec, diagnosis.pitfalls[spec.code], all_right) for spec in key.exercise.pitfalls),
    )
    verdict = verdict_of_submission(observation, checks, diagnosis.findings, key.exercise.pitfalls)
    return Report(
        exercise=key.exercise.name,
        exercise_title=key.exercise.title,
        exercise_digest=key.exercise.digest,
        path=submission.path,
        sha256=submission.sha256,
        source=clip(text_of(submission.source), SHOWN_SOURCE_CHARS),
        verdict=verdict,
        points=sum(check.points for check in checks),
        out_of=sum(check.out_of for check in checks),
        checks=checks,
        findings=diagnosis.findings,
        isolation=observation.isolation,
        limits=limits,
        timing={
            "wall_s": round(observation.wall_s, 4),
            "cpu_s": round(observation.cpu_s, 4),
            "peak_memory_mib": round(observation.peak_memory_mib, 1),
            "lane": observation.lane.value,
            "lane_reason": observation.lane_reason,
        },
        environment={"judge": __version__, **observation.environment},
        stdout=loading,
        public_findings=public_diagnosis.findings,
        pack=key.exercise.pack,
        notebook=submission.notebook,
    )


def report_unusable(key: AnswerKey, unusable: Unusable, isolation: Isolation, limits: Limits) -> Report:
    """Return the report on a path that holds nothing that could be run."""
    checks = (
        *(_case_check(case, key, None, {}) for case in key.cases),
        *(_pitfall_check(spec, Outcome.NOT_REACHED, all_right=False) for spec in key.exercise.pitfalls),
    )
    finding = Finding(
        code=unusable.code,
        severity=Severity.ERROR,
        title=page(unusable.code, key.exercise).title,
        message=f"The judge could not read this submission: {unusable.message}.",
    )
    return Report(
        exercise=key.exercise.name,
        exercise_title=key.exercise.title,
        exercise_digest=key.exercise.digest,
        path=unusable.path,
        sha256="",
        source="",
        verdict=Verdict.INVALID_SUBMISSION,
        points=0.0,
        out_of=sum(check.out_of for check in checks),
        checks=checks,
        findings=(finding,),
        isolation=isolation,
        limits=limits,
        timing={
            "wall_s": 0.0,
            "cpu_s": 0.0,
            "peak_memory_mib": 0.0,
            "lane": Lane.NONE.value,
            "lane_reason": "not run",
        },
        environment={},
        pack=key.exercise.pack,
    )


def _compare(step: StepObservation | None, golden: Golden) -> Comparison | None:
    if step is None or step.claimed.returned is None:
        return None
    return compare(golden.expected, golden.tolerance, step.claimed.returned)


def _case_check(
    case: Case, key: AnswerKey, step: StepObservation | None, comparisons: Mapping[str, Comparison]
) -> CheckResult:
    golden, compared = key.goldens[case.id], comparisons.get(case.id)
    got = step.claimed.returned.array if step and step.claimed.returned else None
    if got is not None and got.size > max(SHOWN_NUMBERS, golden.expected.size):
        got = None
    if step is None:
        outcome, reason = Outcome.NOT_REACHED, NOT_REACHED
    elif compared is not None:
        outcome, reason = (Outcome.PASSED if compared.right else Outcome.FAILED), compared.reason
    else:
        outcome, reason = Outcome.FAILED, _why_no_value(step)
    return CheckResult(
        id=CheckId.of(CheckKind.CASE, case.id),
        kind=CheckKind.CASE,
        title=case.why,
        outcome=outcome,
        points=case.points if outcome is Outcome.PASSED else 0.0,
        out_of=case.points,
        visibility=case.visibility,
        expected=tuple(golden.expected.ravel().tolist()),
        got=None if got is None else tuple(got.ravel().tolist()),
        tolerance=golden.tolerance,
        difference=None if compared is None else compared.difference,
        wall_s=None if step is None else round(step.measured.wall_s, 4),
        reason=reason,
        stdout="" if step is None else step.claimed.stdout,
    )


def _why_no_value(step: StepObservation) -> str:
    if step.measured.ended is Ended.ANSWERED and step.claimed.raised is not None:
        return f"raised {step.claimed.raised.type_name}"
    return in_short(step.measured.ended)


def _pitfall_check(spec: PitfallSpec, outcome: Outcome, all_right: bool) -> CheckResult:
    """An avoided pitfall earns its points only if every answer is right: without the step it is easy to avoid."""
    return CheckResult(
        id=CheckId.of(CheckKind.PITFALL, spec.code),
        kind=CheckKind.PITFALL,
        title=page(spec.code, None).title,
        outcome=outcome,
        points=spec.points if outcome is Outcome.PASSED and all_right else 0.0,
        out_of=spec.points,
    )
