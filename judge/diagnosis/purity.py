"""Findings about impurity: answers that change or depend on earlier calls, and arguments that were changed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from judge.compare import Mismatch, compare, is_repeated
from judge.diagnosis import messages
from judge.diagnosis.context import Run
from judge.diagnosis.divergence.checkpoints import checkpoints_of_case, checkpoints_of_golden
from judge.diagnosis.explanation import Explained, Explanation
from judge.diagnosis.spans import Source
from judge.model import Case, ClaimedValue, Ended, Golden, Json, Observation, Severity, StepObservation
from judge.trace import Trace

CHANGES = "nondeterministic"


def find_changing_answers(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Report answers that differ for the same inputs, which also explains wrong numbers."""
    changed = [case for case, step in run.repeats.items() if _differs(run, case, step)]
    apart = [case for case, step in run.alone.items() if _differs(run, case, step)]
    only_alone = [case for case in apart if case not in changed and _right_alone(run, case)]
    if not changed and not only_alone:
        return
    by_chance = False
    restored = [case for case in changed if case in run.alone and case not in apart]
    if only_alone:
        happened = (
            "One case was run once more, in a process of its own: there its answer is right, and after other calls "
            "it is not. So something outlives a call."
        )
    elif restored:
        happened = (
            "One case was run a second time in the same process and gave another answer, by more than rounding can "
            "explain. In a fresh process it gave the first answer again. So something outlives a call."
        )
    else:
        happened = (
            f"{messages.some_of(len(changed), len(run.repeats))} that was run twice the second answer is another "
            "one, by more than rounding can explain."
        )
        by_chance = any(case in apart for case in changed)
        if by_chance:
            happened += " In a fresh process it was another one again: the inputs alone do not decide it."
    depends = bool(only_alone or restored)
    matters = "" if depends or by_chance else None  # the page gives two reasons; here it is known which
    yield run.explanation(
        CHANGES,
        happened,
        {"cases": len(changed) + len(only_alone)},
        span=run.source.of_function(run.exercise.entry_point),
        cases=run.outcomes.wrong(Mismatch.VALUE, Mismatch.NOT_FINITE),
        title="The answer depends on the calls before it" if depends else "",
        matters=matters,
        shown_in=(*changed, *only_alone),
    )


def suspect(observation: Observation, cases: Sequence[Case], goldens: Mapping[str, Golden]) -> str | None:
    """Return a case worth running alone because its result may depend on earlier calls; None without a sign of it.

    That is one whose second answer in the same process differs; or a wrong one with the answer of an earlier call, or
    without the initialisation that an earlier call was seen to make; or the first wrong one, if none of the wrong
    ones was the first call with its shapes, or with its value of a parameter.
    """
    for case_id, again in observation.repeats.items():
        first = observation.cases.get(case_id)
        if first is not None and _apart(first, again, goldens[case_id].tolerance):
            return case_id
    trace = Trace.of(observation, [case.id for case in cases])
    earlier: list[ClaimedValue] = []
    initialised = bool(checkpoints_of_case(trace, None).initialisations)
    for case in cases:
        step, golden = observation.cases.get(case.id), goldens[case.id]
        returned = step.claimed.returned if step is not None else None
        starts = bool(checkpoints_of_case(trace, case.id).initialisations)
        if returned is not None:
            wrong = not compare(golden.expected, golden.tolerance, returned).right
            skipped = (
                initialised
                and not starts
                and bool(checkpoints_of_golden(golden.events or ()).initialisations)
            )
            if wrong and (skipped or any(_same(returned, other) for other in earlier)):
                return case.id
            earlier.append(returned)
        initialised = initialised or starts
    return _only_later_calls(observation, cases, goldens)


def suspect_by_source(
    source: bytes, observation: Observation, cases: Sequence[Case], goldens: Mapping[str, Golden]
) -> str | None:
    """Return the first wrong case after a right first call, if the file has a function that rebinds a global name."""
    wrong = None
    for case in cases:
        step = observation.cases.get(case.id)
        returned = step.claimed.returned if step is not None else None
        right = (
            returned is not None
            and compare(goldens[case.id].expected, goldens[case.id].tolerance, returned).right
        )
        if case is cases[0] and not right:
            return None
        if not right and returned is not None:
            wrong = case.id
            break
    if wrong is None or not any(isinstance(node, ast.Global) for node in Source(source).nodes):
        return None
    return wrong


def _only_later_calls(
    observation: Observation, cases: Sequence[Case], goldens: Mapping[str, Golden]
) -> str | None:
    """Return the first wrong case if values kept from the first call of a kind would explain all wrong ones.

    None if at most half of the calls after a first one are wrong: kept values would show in more of them.
    """
    answered: list[Case] = []
    wrong: list[str] = []
    for case in cases:
        step, golden = observation.cases.get(case.id), goldens[case.id]
        if step is not None and step.claimed.returned is not None:
            answered.append(case)
            compared = compare(golden.expected, golden.tolerance, step.claimed.returned)
            wrong += [case.id] if compared.mismatch is Mismatch.VALUE else []
    for kind in ("", *_scalars(cases)):
        first: dict[str, str] = {}
        for case in answered:
            first.setdefault(repr(case.inputs[kind] if kind else case.shape_key), case.id)
        later = len(answered) - len(first)
        if wrong and not set(wrong) & set(first.values()) and 2 * len(wrong) > later:
            return wrong[0]
    return None


def _scalars(cases: Sequence[Case]) -> list[str]:
    inputs = cases[0].inputs if cases else {}
    return [name for name, value in inputs.items() if isinstance(value, (int, float))]


def _same(one: ClaimedValue, other: ClaimedValue) -> bool:
    import numpy as np

    if one.array is None or other.array is None or not bool(np.isfinite(one.array).all()):
        return False
    return bool(np.array_equal(one.array, other.array))


def _right_alone(run: Run, case: str) -> bool:
    returned, golden = run.alone[case].claimed.returned, run.goldens[case]
    return returned is not None and compare(golden.expected, golden.tolerance, returned).right


def _differs(run: Run, case: str, again: StepObservation) -> bool:
    first = run.observation.cases.get(case)
    return first is not None and case in run.goldens and _apart(first, again, run.goldens[case].tolerance)


def _apart(first: StepObservation, again: StepObservation, tolerance: float) -> bool:
    """Return True if two runs on the same inputs gave different answers."""
    both = (first, again)
    if any(step.measured.ended is not Ended.ANSWERED for step in both):
        return False  # a limit that was reached the second time says nothing about the answer
    values = [step.claimed.returned.array if step.claimed.returned else None for step in both]
    if values[0] is None or values[1] is None:
        return (values[0] is None) != (values[1] is None)
    return not is_repeated(values[0], values[1], tolerance)


def find_mutations(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Warn if arguments held other values after the call, as the worker measured.

    This comes before wrong numbers that nothing explains: it is their likely cause.
    """
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
    facts: dict[str, Json] = {"parameters": sorted(names)}
    yield run.explanation("input-mutated", happened, facts, span=span, severity=Severity.WARNING)
