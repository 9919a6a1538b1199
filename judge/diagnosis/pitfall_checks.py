"""Decides the outcome of each pitfall's check, and drafts findings with the failures that they explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from judge.diagnosis import messages, second_look, second_look_checks
from judge.diagnosis.context import Run
from judge.model import ExerciseError, Json, Outcome, PitfallSpec, Severity
from judge.pitfalls import Pitfall, pitfalls
from judge.trace import Context, Detection

MAX_LINES = 100
"""The most lines to list on which a pitfall was seen."""


def specs_of(run: Run) -> tuple[PitfallSpec, ...]:
    """Return the pitfalls that the exercise checks. Raises ExerciseError when the engine lacks one."""
    known = pitfalls()
    for spec in run.exercise.pitfalls:
        if spec.code not in known:
            raise ExerciseError(
                f"{run.exercise.name}: there is no pitfall {spec.code!r}; known are {', '.join(sorted(known))}"
            )
    return run.exercise.pitfalls


def find_pitfalls(run: Run) -> dict[str, Outcome]:
    """Return the outcome of each check: failed when seen for certain, passed only on positive evidence.

    A program that never returned a number has avoided nothing: it stopped too early to tell.  Right numbers are
    evidence where the pitfall would have changed them; elsewhere there is a second look.
    """
    context = run.outcomes.context()
    specs = specs_of(run)
    detections = {spec.code: pitfalls()[spec.code].detect(context) for spec in specs}
    unseen = second_look_checks.not_believed(run, specs, detections)
    look = second_look.look_of(run)
    found: dict[str, Outcome] = {}
    for spec in specs:
        pitfall, seen = pitfalls()[spec.code], detections[spec.code]
        certain = [detection for detection in seen if detection.certain]
        if spec.code in unseen:
            shown = look is not None and look.pitfall == spec.code
            found[spec.code] = Outcome.FAILED if shown else Outcome.NOT_REACHED
            if shown:
                second_look_checks.add_pitfall(run, spec, pitfall)
        elif certain:
            found[spec.code] = Outcome.FAILED
            _add_pitfall(run, spec, pitfall, certain)
        else:
            found[spec.code] = _without_certainty(run, pitfall, context)
            if seen:
                _add_pitfall(run, replace(spec, severity=Severity.WARNING), pitfall, seen)
    silent = [code for code in unseen if pitfalls()[code].silent]
    if silent and all(found[code] is Outcome.NOT_REACHED for code in silent):
        second_look_checks.add_not_observed(run, silent, look)
    return found


def _without_certainty(run: Run, pitfall: Pitfall, context: Context) -> Outcome:
    got_there = any(value.array is not None for value in run.outcomes.returned.values())
    done_right = got_there and (pitfall.done_right(context) or run.outcomes.all_right)
    return Outcome.PASSED if done_right else Outcome.NOT_REACHED


def _add_pitfall(run: Run, spec: PitfallSpec, pitfall: Pitfall, detections: Sequence[Detection]) -> None:
    shown = _best(run, detections)
    span = run.source.span_of_call(shown.line, shown.hint)
    if shown.line is None:
        span = run.source.of_function(run.exercise.entry_point)
    lines = sorted({detection.line for detection in detections if detection.line is not None})
    facts: dict[str, Json] = {**shown.facts}
    if len(lines) > 1:
        is_notebook = run.source.notebook is not None
        facts["lines"] = [run.source.in_words(line) if is_notebook else line for line in lines[:MAX_LINES]]
    is_error = spec.severity is Severity.ERROR
    page = run.pages[spec.code]
    alike = [detection.case for detection in detections]
    happened = pitfall.happened(shown) + run.told_not_run(alike)
    draft = run.add(
        (3.0 if pitfall.before else 3.1) if is_error else 7.0,
        spec.code,
        happened,
        span,
        facts,
        severity=spec.severity,
        matters=pitfall.matters,
        page=page,
        checks=(f"pitfall:{spec.code}",) if detections[0].certain else (),
    )
    if not is_error:
        return
    context = run.outcomes.context()
    failed = [case for case in run.outcomes.answered if case not in run.outcomes.right]
    seen_in = {detection.case for detection in detections}
    for case in failed:
        # what was seen while the file was loaded concerns every case
        concerned = not seen_in.isdisjoint((case, None)) and case not in run.explained
        if concerned and pitfall.explains(context, case):
            run.explain(draft, case)
    if draft.cases:
        draft.rank = 1.0


def _best(run: Run, detections: Sequence[Detection]) -> Detection:
    """The detection to show: preferably with a line, and of a public case."""
    public = set(messages.public_of([case.id for case in run.cases], run.cases))
    return min(detections, key=lambda s: (s.line is None, s.case is not None and s.case not in public))
