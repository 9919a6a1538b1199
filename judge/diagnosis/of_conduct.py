"""Findings about conduct: answers that change, arguments that were changed."""

from __future__ import annotations

from dataclasses import replace

from judge.diagnosis import wording
from judge.diagnosis.run import Run
from judge.model import Ended, Json, Severity, StepObservation


def find_nondeterminism(run: Run) -> None:
    """Cases whose second run in the same process gave another answer."""
    changed = [case for case, step in run.repeats.items() if _differs(run, case, step)]
    if not changed:
        return
    happened = (
        f"{wording.some_of(len(changed), len(run.repeats))} that was run twice the second answer is another one, "
        "by more than rounding can explain."
    )
    span = run.source.of_function(run.exercise.entry_point)
    draft = run.add(2.7, "nondeterministic", happened, span, {"cases": len(changed)})
    for case in changed:
        draft.finding = replace(
            draft.finding, checks=tuple(dict.fromkeys((*draft.finding.checks, f"case:{case}")))
        )


def _differs(run: Run, case: str, again: StepObservation) -> bool:
    import numpy as np

    first = run.observation.cases.get(case)
    if first is None or case not in run.goldens:
        return False
    both = (first, again)
    if any(step.measured.ended is not Ended.ANSWERED for step in both):
        return False  # a limit that was reached the second time says nothing about the answer
    values = [step.claimed.returned.array if step.claimed.returned else None for step in both]
    if values[0] is None or values[1] is None:
        return (values[0] is None) != (values[1] is None)
    if values[0].shape != values[1].shape:
        return True
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(values[0] - values[1])
    tolerance = run.goldens[case].tolerance
    same = (apart <= tolerance) | (np.isnan(values[0]) & np.isnan(values[1])) | (values[0] == values[1])
    return not bool(np.all(same))


def find_mutations(run: Run) -> None:
    """Arguments that held other values after the call, as the worker noticed."""
    names: dict[str, int | None] = {}
    for seen in run.outcomes.trace.all("input-mutated"):
        position, parameters = seen.number("position"), run.exercise.parameters
        if position is not None and 0 <= position < len(parameters):
            names.setdefault(parameters[position].name, seen.line)
    if not names:
        return
    listed = " and ".join(f"`{name}`" for name in sorted(names))
    happened = f"After the call, {listed} held other values than before."
    span = run.source.of_function(run.exercise.entry_point)
    # Beside wrong numbers that nobody can explain, it is the likely cause.
    unknown = any(draft.finding.code == "unrecognised-wrong-answer" for draft in run.drafts)
    facts: dict[str, Json] = {"parameters": sorted(names)}
    run.add(4.9 if unknown else 7.0, "input-mutated", happened, span, facts, severity=Severity.WARNING)
