"""The whole flow on one screen: submission -> sandbox -> observation -> compare and diagnose -> report."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from judge.compare import compare
from judge.diagnosis import Comparison, Diagnosis, diagnose
from judge.diagnosis.memorised import moved, suspected
from judge.diagnosis.messages import in_short
from judge.diagnosis.purity import suspect
from judge.diagnosis.second_look import wanted
from judge.diagnosis.spans import Source
from judge.exercise import Misconception
from judge.exercise.golden_file import read_golden_file
from judge.exercise.goldens import golden_path
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
from judge.sandbox import Call, Sandbox, Speed
from judge.submission import Unusable, text_of
from judge.verdict import verdict_of_submission
from judge.version import __version__

SHOWN_SOURCE_CHARS = 100_000
SHOWN_OUTPUT_CHARS = 64 * 1024
"""Of all that a run printed. A character takes up to twelve in JSON, and more in a web page."""
SHOWN_NUMBERS = 100
"""Of an answer in a wrong shape: with more than this, and more than were asked for, the shape says enough."""
UNDIAGNOSED = "diagnosis-given-up"
AGAIN = "again:"
"""Marks the id of a call that repeats a case; no case has a colon in its id."""


class Bench:
    """Everything that grading needs besides the submission: loaded once, used for many."""

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
        self.speed = Speed(exercise, cases)
        self.reproducing = threading.Lock()
        self.reproduced: str | None = None
        """What `judge.solutions.reproduce` found out; None before it was asked, '' when there is nothing to say."""
        # Public ones first: what a submission prints or returns there cannot hold a hidden input that it saw before.
        self.cases = tuple(
            sorted(cases, key=lambda case: (case.visibility is Visibility.HIDDEN, case.shape_key, case.id))
        )

    @cached_property
    def recorded_in(self) -> tuple[Mapping[str, str], ...]:
        """The environment that each file of goldens was recorded in."""
        stems = sorted({case.file for case in self.cases})
        return tuple(read_golden_file(golden_path(self.exercise, stem)).environment for stem in stems)


def observe(bench: Bench, submission: Submission, sandbox: Sandbox) -> Observation:
    """Observe the submission on every case, in the sandbox, and on the first one once more.

    The second time is in another position, but before any hidden case: what is said of it is shown to learners.
    """
    calls = [Call(case.id, case.inputs) for case in bench.cases]
    hidden = [case.visibility is Visibility.HIDDEN for case in bench.cases]
    position = hidden.index(True) if any(hidden) else len(calls)
    if position > 1:
        calls.insert(position, Call(AGAIN + calls[0].id, calls[0].inputs))
    observed = sandbox.observe(submission.source, bench.exercise.entry_point, calls)
    return replace(
        observed,
        cases={name: step for name, step in observed.cases.items() if not name.startswith(AGAIN)},
        repeats={
            name.removeprefix(AGAIN): step for name, step in observed.cases.items() if name.startswith(AGAIN)
        },
    )


@dataclass(frozen=True)
class SecondRun:
    """One case that is worth running once more, in a fresh process, because the answers leave a doubt."""

    kind: Literal["moved", "alone", "scaled"]
    """With its inputs moved a little, where the answers may be known by heart; as it is, where they may be due to
    earlier calls; or with other optimizers, where right answers do not say enough."""
    case: str


def second_run_of(bench: Bench, submission: Submission, observation: Observation) -> SecondRun | None:
    """What the answers leave a doubt about, if anything."""
    cases, goldens = bench.cases, bench.goldens
    if case := suspected(observation, cases, goldens):
        return SecondRun("moved", case)
    if case := suspect(observation, cases, goldens):
        return SecondRun("alone", case)
    if case := wanted(bench.exercise, submission.source, observation, cases, goldens):
        return SecondRun("scaled", case)
    return None


def observe_again(
    bench: Bench, submission: Submission, sandbox: Sandbox, first: Observation, again: SecondRun
) -> Observation:
    """The first observation with what came of the second run, for which it left time."""
    left_s = sandbox.limits.total_wall_s - first.own_wall_s
    if left_s <= 0:
        return first
    inputs = next(case.inputs for case in bench.cases if case.id == again.case)
    second = sandbox.observe(
        submission.source,
        bench.exercise.entry_point,
        [Call(again.case, moved(inputs) if again.kind == "moved" else inputs)],
        limits=replace(sandbox.limits, total_wall_s=left_s),
        scaled=again.kind == "scaled",
    )
    shown: dict[str, Any] = {again.kind: second.cases}
    if again.kind == "scaled" and not second.cases:
        # that it cannot even be loaded with others says something
        shown = {"scaled": {again.case: second.load}}
    return replace(
        first,
        **shown,
        wall_s=first.wall_s + second.wall_s,
        cpu_s=first.cpu_s + second.cpu_s,
        peak_memory_mib=max(first.peak_memory_mib, second.peak_memory_mib),
    )


def report_or_again(
    bench: Bench, submission: Submission, observation: Observation, limits: Limits
) -> Report | SecondRun:
    """The report, where the observation leaves no doubt that a second run could settle."""
    return second_run_of(bench, submission, observation) or judge_observation(
        bench, submission, observation, limits
    )


def judge_observation(
    bench: Bench, submission: Submission, observation: Observation, limits: Limits
) -> Report:
    """The report on an observed submission; pure, so a saved observation can be judged again."""
    exercise = replace(bench.exercise, limits=limits)  # those in force, for findings that name them
    source = Source(submission.source)  # parsed once for both
    diagnosis = diagnose(
        exercise,
        submission,
        observation,
        bench.cases,
        bench.goldens,
        bench.misconceptions,
        repeats=observation.repeats,
        source=source,
    )
    public = tuple(case for case in bench.cases if case.visibility is Visibility.PUBLIC)
    seen_in_public = {case.id: observation.cases[case.id] for case in public if case.id in observation.cases}
    public_diagnosis = diagnose(
        exercise,
        submission,
        replace(observation, cases=seen_in_public),
        public,
        bench.goldens,
        bench.misconceptions,
        repeats=observation.repeats,
        source=source,
    )
    return _report(bench, submission, observation, limits, diagnosis, public_diagnosis)


def report_undiagnosed(
    bench: Bench, submission: Submission, observation: Observation, limits: Limits, needed: str
) -> Report:
    """The report on an observed submission whose diagnosis was given up: it ``needed`` more than it may.

    What the numbers and the ends say stands. Nothing was seen of pitfalls, so their checks are not reached.
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
    nothing = Diagnosis((finding,), {spec.code: Outcome.NOT_REACHED for spec in bench.exercise.pitfalls})
    return _report(bench, submission, observation, limits, nothing, nothing)


def _report(
    bench: Bench,
    submission: Submission,
    observation: Observation,
    limits: Limits,
    diagnosis: Diagnosis,
    public_diagnosis: Diagnosis,
) -> Report:
    comparisons = {
        case.id: compared
        for case in bench.cases
        if (compared := _compare(observation.cases.get(case.id), bench.goldens[case.id])) is not None
    }
    room = SHOWN_OUTPUT_CHARS
    loading = clip(observation.load.claimed.stdout, room)
    room = max(room - len(loading), 0)
    cases = []
    for case in bench.cases:
        check = _case_check(case, bench, observation.cases.get(case.id), comparisons)
        cases.append(replace(check, stdout=clip(check.stdout, room)))
        room = max(room - len(check.stdout), 0)
    all_right = all(check.outcome is Outcome.PASSED for check in cases)
    checks = (
        *cases,
        *(_pitfall_check(spec, diagnosis.pitfalls[spec.code], all_right) for spec in bench.exercise.pitfalls),
    )
    verdict = verdict_of_submission(observation, checks, diagnosis.findings, bench.exercise.pitfalls)
    return Report(
        exercise=bench.exercise.name,
        exercise_title=bench.exercise.title,
        exercise_digest=bench.exercise.digest,
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
            "lane": observation.lane,
            "lane_reason": observation.lane_reason,
        },
        environment={"judge": __version__, **observation.environment},
        stdout=loading,
        public_findings=public_diagnosis.findings,
    )


def report_unusable(bench: Bench, unusable: Unusable, isolation: Isolation, limits: Limits) -> Report:
    """The report on a path that holds nothing that could be run."""
    checks = (
        *(_case_check(case, bench, None, {}) for case in bench.cases),
        *(_pitfall_check(spec, Outcome.NOT_REACHED, all_right=False) for spec in bench.exercise.pitfalls),
    )
    finding = Finding(
        code=unusable.code,
        severity=Severity.ERROR,
        title=page(unusable.code, bench.exercise).title,
        message=f"The judge could not read this submission: {unusable.message}.",
    )
    return Report(
        exercise=bench.exercise.name,
        exercise_title=bench.exercise.title,
        exercise_digest=bench.exercise.digest,
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
            "lane": "none",
            "lane_reason": "not run",
        },
        environment={},
    )


def _compare(step: StepObservation | None, golden: Golden) -> Comparison | None:
    if step is None or step.claimed.returned is None:
        return None
    return compare(golden.expected, golden.tolerance, step.claimed.returned)


def _case_check(
    case: Case, bench: Bench, step: StepObservation | None, comparisons: Mapping[str, Comparison]
) -> CheckResult:
    golden, compared = bench.goldens[case.id], comparisons.get(case.id)
    got = step.claimed.returned.array if step and step.claimed.returned else None
    if got is not None and got.size > max(SHOWN_NUMBERS, golden.expected.size):
        got = None
    if step is None:
        outcome, reason = Outcome.NOT_REACHED, "not reached"
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
    """An avoided pitfall earns its points where every answer is right: without the step it is easy to avoid."""
    return CheckResult(
        id=CheckId.of(CheckKind.PITFALL, spec.code),
        kind=CheckKind.PITFALL,
        title=page(spec.code, None).title,
        outcome=outcome,
        points=spec.points if outcome is Outcome.PASSED and all_right else 0.0,
        out_of=spec.points,
    )
