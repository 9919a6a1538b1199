"""Takes a second look at right answers: were pitfalls that change no number avoided, or only not seen?

Theory of operation.  Probes share an interpreter with the submission: what they did not see may have been hidden, and
what they saw may have been staged.  So an empty record proves nothing.  If each right case shows the step done right,
no event was lost, and the file has no means to bypass the probes, the probes are believed.  Everything else is run
once more, in a fresh process in which the steps of optax's optimizers are scaled by what the optimizers were given
(`judge.inside.scaled_updates`), and the number that comes out decides:

    that of a right solution    the optimizer was given the parameters
    that of a pitfall           it fell into this pitfall
    the usual one               no optimizer of optax made the step; believed where nothing could take the factor away
    any other, or none          not observed
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from judge.compare import is_within
from judge.diagnosis.outcomes import Outcomes
from judge.diagnosis.reaches import Reach, reaches, uses
from judge.diagnosis.spans import Source
from judge.exercise.solution_keys import REFERENCE, is_right
from judge.model import Case, Ended, Exercise, Golden, Observation, Severity
from judge.pitfalls import Pitfall, pitfalls
from judge.trace import Context, Trace

if TYPE_CHECKING:
    from judge.diagnosis.context import Run
    from judge.exercise import Misconception
    from judge.model import Float64Array

LOST = "not-recorded"
"""The event that counts what a step had no room to record."""
APART, NEAR = 200, 50
"""In tolerances: the least distance between numbers of different pitfalls, and the largest distance of a match.
Scaled steps round differently, and the case's tolerance was not measured with them."""


class Seen(Enum):
    """The result of a second look that did not show a pitfall."""

    RIGHT = "right"
    WITHOUT_OPTIMIZER = "without-optimizer"
    NOTHING = "nothing"


@dataclass(frozen=True)
class SecondLook:
    """The result of the second run of one submission."""

    seen: Seen
    pitfall: str | None = None
    """The code of the pitfall whose number came out."""
    raised: str | None = None
    """The class of the exception that ended it."""


def silent_pitfalls(exercise: Exercise) -> tuple[Pitfall, ...]:
    """Return the pitfalls that the exercise forbids and right numbers say nothing about."""
    known = pitfalls()
    specs = [spec for spec in exercise.pitfalls if spec.severity is Severity.ERROR and spec.code in known]
    return tuple(known[spec.code] for spec in specs if known[spec.code].silent)


def is_silent(misconception: Misconception) -> bool:
    """Return True if it has a pitfall that right numbers say nothing about, and returns right numbers."""
    pitfall = pitfalls().get(misconception.pitfall or "")
    return pitfall is not None and pitfall.silent and not misconception.numeric and not misconception.raises


def wanted(
    exercise: Exercise,
    source: bytes,
    observation: Observation,
    cases: Sequence[Case],
    goldens: Mapping[str, Golden],
) -> str | None:
    """Return the case to run a right submission on once more; None if that is not needed or no case can tell."""
    outcomes = Outcomes.of(observation, cases, goldens)
    if not outcomes.all_right or not silent_pitfalls(exercise):
        return None
    context = outcomes.context()
    if any(detection.certain for p in silent_pitfalls(exercise) for detection in p.detect(context)):
        return None
    if not reaches_of(Source(source)) and not lost(outcomes) and seen_in_every_case(exercise, outcomes):
        return None
    usable = [case.id for case in cases if distinguishes_pitfalls(goldens[case.id])]
    return min(usable, key=lambda case: _quality(goldens[case]), default=None)


def distinguishes_pitfalls(golden: Golden) -> bool:
    """Return True if each pitfall has a number of its own on this case, apart from those of right solutions."""
    values = {name: it.value for name, it in golden.scaled.items() if it.value is not None}
    wrong = [value for name, value in values.items() if not is_right(name)]
    if REFERENCE not in values or len(values) < len(golden.scaled) or not wrong:
        return False
    least = APART * golden.tolerance
    right = [value for name, value in values.items() if is_right(name)]
    return not (
        is_within(golden.expected, values[REFERENCE], least)
        or any(is_within(a, b, least) for a in wrong for b in (golden.expected, *right))
        or any(is_within(a, b, least) for a, b in itertools.combinations(wrong, 2))
    )


def _quality(golden: Golden) -> tuple[int, int]:
    """Sort key of cases: the most right solutions recorded, then the fewest different numbers among them."""
    right = [it.value for name, it in golden.scaled.items() if it.value is not None and is_right(name)]
    different: list[Float64Array] = []
    for value in right:
        if not any(is_within(value, other, NEAR / 5 * golden.tolerance) for other in different):
            different.append(value)
    return -len(right), len(different)


def seen_in_every_case(exercise: Exercise, outcomes: Outcomes) -> bool:
    """Return True if the probes saw the step done right in each case by itself."""
    steps = outcomes.trace.steps
    alone = [
        Context(Trace({step: steps[step] for step in (None, case) if step in steps}), outcomes.right, {})
        for case in outcomes.right
    ]
    return all(p.done_right(context) for p in silent_pitfalls(exercise) for context in alone)


def lost(outcomes: Outcomes) -> int:
    """Count the events, looks and trees that the probes had no room for."""
    counts = ("events", "looks", "trees")
    return sum(seen.number(name) or 0 for seen in outcomes.trace.all(LOST) for name in counts)


def reaches_of(source: Source) -> list[Reach]:
    """Return where the file could bypass the probes; a file that is too large or does not parse could anywhere."""
    return reaches(source.tree) if source.tree is not None else [Reach(False, 1, "")]


def look_of(run: Run) -> SecondLook | None:
    """Return the result of the second look at this run; None if there was none."""
    for case, step in run.observation.scaled.items():
        golden = run.goldens.get(case)
        if golden is None:
            continue
        if step.measured.ended is not Ended.ANSWERED:
            continue  # a limit does not show what the optimizer was given
        if step.claimed.returned is None:
            raised = step.claimed.raised
            return SecondLook(Seen.NOTHING, raised=raised.type_name if raised is not None else None)
        got, near = step.claimed.returned.array, NEAR * golden.tolerance
        if got is None or is_within(got, golden.expected, near):
            return SecondLook(Seen.NOTHING if got is None else Seen.WITHOUT_OPTIMIZER)
        fitting = [
            name
            for name, known in golden.scaled.items()
            if known.value is not None and is_within(got, known.value, near)
        ]
        if any(is_right(name) for name in fitting):
            return SecondLook(Seen.RIGHT)
        owners = [m.pitfall for m in run.misconceptions if m.name in fitting]
        if owners:
            return SecondLook(Seen.NOTHING, pitfall=owners[0])
        return SecondLook(Seen.NOTHING)
    return None


def believed(run: Run, look: SecondLook | None) -> bool:
    """Return True if a right answer without a detection avoided the pitfalls that change no number."""
    if look is not None and look.seen is Seen.RIGHT:
        return True
    if look is not None and look.seen is Seen.NOTHING:
        return False
    if look is None and seen_in_every_case(run.exercise, run.outcomes):
        return not any(reach.far for reach in reaches_of(run.source))
    # No optimizer of optax made the step, or there was no second look.
    with_optax = run.source.tree is not None and uses(run.source.tree, "optax")
    could_hide = any(reach.far or with_optax for reach in reaches_of(run.source)) or lost(run.outcomes) > 0
    staged = look is not None and optimizer_seen(run.outcomes)
    return not could_hide and not staged


def optimizer_seen(outcomes: Outcomes) -> bool:
    """Return True if the probes saw an optimizer update parameters.

    If the second look gave the usual number, that update had no part in the answer.
    """
    return any(seen.tree("tree").params for seen in outcomes.trace.all("optimizer-update"))
