"""Findings about pitfalls that were seen, with the failures that they explain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from judge.compare import Mismatch
from judge.diagnosis import messages, second_look
from judge.diagnosis.context import Run
from judge.diagnosis.explanation import Explained, Explanation
from judge.diagnosis.pitfall_outcomes import ExaminedPitfall
from judge.diagnosis.reaches import Reach
from judge.model import Json, Outcome
from judge.trace import Detection

NOT_OBSERVED = "not-observed"
MAX_LINES = 100
"""The most lines to list on which a pitfall was seen."""


def find_causing_pitfalls(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Explain failures by the pitfalls that were seen in these cases, and that can cause such a failure."""
    context = run.outcomes.context()
    taken = set(explained.cases)
    for seen in _errors(run):
        seen_in = {detection.case for detection in seen.detections}
        # what was seen while the file was loaded concerns every case
        concerned = [case for case in _wrongly_answered(run, taken) if not seen_in.isdisjoint((case, None))]
        cases = [case for case in concerned if seen.pitfall.explains(context, case)]
        if cases:
            taken.update(cases)
            yield explained_by_pitfall(run, seen, cases)


def find_pitfall_effects(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Explain wrong answers that first differ at a stage which a pitfall that was seen is known to change.

    Where such a pitfall was seen, all that were seen come before other differences, which may be its effects as well.
    """
    known = explained.cases | explained.set_aside
    wrong = [case for case in run.outcomes.wrong(Mismatch.VALUE, Mismatch.NOT_FINITE) if case not in known]
    if not wrong or all(seen.pitfall.changes is None for seen in _errors(run)):
        return
    stages = {case: it.stage for case in wrong if (it := run.first_difference(case)[0]) is not None}
    for seen in _errors(run):
        cases = [case for case, stage in stages.items() if stage is seen.pitfall.changes]
        earlier = explained.error(seen.code)
        if earlier is None:
            yield explained_by_pitfall(run, seen, cases)
        elif cases:
            yield replace(earlier, cases=(*earlier.cases, *cases), replaces=earlier)


def find_other_pitfalls(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Report the other pitfalls that were seen for certain: by probes, or by the number of a second look."""
    for seen in _errors(run):
        if seen.code not in explained.pitfalls:
            yield explained_by_pitfall(run, seen)
    for seen in run.pitfalls:
        if seen.outcome is Outcome.FAILED and not seen.is_believed:
            yield _shown_by_number(run, seen)


def find_pitfall_warnings(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Report pitfalls that were not seen for certain, and those that the exercise does not forbid."""
    for seen in run.pitfalls:
        if seen.detections and not seen.is_error:
            yield explained_by_pitfall(run, seen)


def explained_by_pitfall(run: Run, seen: ExaminedPitfall, cases: Sequence[str] = ()) -> Explanation:
    """Return the explanation of these cases by a pitfall that was seen."""
    shown = _best(run, seen.detections)
    span = run.source.span_of_call(shown.line, shown.hint)
    if shown.line is None:
        span = run.source.of_function(run.exercise.entry_point)
    lines = sorted({detection.line for detection in seen.detections if detection.line is not None})
    facts: dict[str, Json] = {**shown.facts}
    if len(lines) > 1:
        is_notebook = run.source.notebook is not None
        facts["lines"] = [run.source.in_words(line) if is_notebook else line for line in lines[:MAX_LINES]]
    return run.explanation(
        seen.code,
        seen.pitfall.happened(shown) + run.told_not_run([detection.case for detection in seen.detections]),
        facts,
        span=span,
        cases=cases,
        severity=seen.spec.severity,
        matters=seen.pitfall.matters,
        pitfalls=[seen.code] if shown.certain else (),
    )


def _shown_by_number(run: Run, seen: ExaminedPitfall) -> Explanation:
    """Return the finding about a pitfall whose number came out when optimizer steps were scaled."""
    happened = (
        "One case was run once more with optimizers whose steps depend on what the optimizer was given. The answer was "
        "that of a solution with this mistake, and not that of a right one. The place was not seen."
    )
    return run.explanation(
        seen.code,
        happened,
        {"second_look": True},
        span=run.source.of_function(run.exercise.entry_point),
        severity=seen.spec.severity,
        matters=seen.pitfall.matters,
        pitfalls=[seen.code],
    )


def find_not_observed(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Report right answers that are no evidence that pitfalls were avoided which change no number."""
    silent = [seen for seen in run.pitfalls if not seen.is_believed and seen.pitfall.silent]
    if not silent or any(seen.outcome is not Outcome.NOT_REACHED for seen in silent):
        return
    found, lost = second_look.reaches_of(run.source), second_look.lost(run.outcomes)
    span = run.source.span_of_line(found[0].line) if found else None
    codes = [seen.code for seen in silent]
    yield run.explanation(
        NOT_OBSERVED,
        " ".join(_why_not_observed(run, found, lost)),
        {"pitfalls": list(codes), "not_recorded": lost},
        span=span or run.source.of_function(run.exercise.entry_point),
        pitfalls=codes,
    )


def _why_not_observed(run: Run, found: Sequence[Reach], lost: int) -> Iterator[str]:
    """Yield sentences on what could hide a pitfall, and on what the second look showed."""
    look = second_look.look_of(run)
    if found and not found[0].what:
        yield "The file is too long to be looked through."
    elif found:
        place = run.source.in_words(found[0].line)
        yield (
            f"{place[0].upper()}{place[1:]} uses `{found[0].what}`, which can change or hide what a program does."
        )
    elif lost:
        yield f"The program did more than the judge has room to look at: {lost:,} events were not looked at."
    if look is None:
        return
    if look.raised is not None:
        yield f"Run once more with optimizers whose steps are scaled, it ended in {look.raised}."
    elif look.seen is second_look.Seen.WITHOUT_OPTIMIZER:
        yield "Run once more with optimizers whose steps are scaled, it gave the same answer as before."
    else:
        yield (
            "Run once more with optimizers whose steps depend on what the optimizer was given, it did not answer as a "
            "right solution does."
        )


def _errors(run: Run) -> list[ExaminedPitfall]:
    """The pitfalls that were seen and that the exercise forbids; first those that are a part of others."""
    seen = [one for one in run.pitfalls if one.detections and one.is_error]
    return sorted(seen, key=lambda one: not one.pitfall.before)


def _wrongly_answered(run: Run, taken: set[str]) -> list[str]:
    return [case for case in run.outcomes.answered if case not in run.outcomes.right and case not in taken]


def _best(run: Run, detections: Sequence[Detection]) -> Detection:
    """The detection to show: preferably with a line, and of a public case."""
    public = set(messages.public_of([case.id for case in run.cases], run.cases))
    return min(detections, key=lambda s: (s.line is None, s.case is not None and s.case not in public))
