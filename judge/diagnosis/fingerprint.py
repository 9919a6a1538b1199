"""A wrong answer that equals what a known misconception returns, on every case that can tell.

Goldens hold, for each case, the number that every misconception returned when they were recorded.  A submission is
matched with a misconception when, on every case that was answered, it did what the misconception does; and when at
least one of those cases tells the misconception from a right solution (two, where two were answered).  Where none is,
one that most wrong answers equal is matched with those; the rest, and two mistakes at once, match nothing, and that is
said honestly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judge.model import Case, Golden, WrongReturn

if TYPE_CHECKING:
    from judge.exercise import Misconception
    from judge.model import Float64Array

NOISE_FACTOR = 8.0
"""A wrong solution's rounding noise may be larger than the reference's; but never so large that it could be taken
for the right answer: at most this part of the distance between the two."""
APART = 10.0
"""Tolerances between expected and wrong value from which on a case counts as telling them apart."""


@dataclass(frozen=True)
class Answer:
    """What a submission did on one case: a value, or an exception's class name."""

    value: Float64Array | None
    raised: str | None


@dataclass(frozen=True)
class Match:
    """A misconception that does what the submission did."""

    misconception: Misconception
    telling: tuple[str, ...]
    """Cases on which it is told from a right solution, and the submission did the same."""
    distance: float
    """The largest distance to the recorded numbers, in tolerances."""
    misfits: tuple[str, ...] = ()
    """Cases with a wrong answer that is another one than the misconception's."""


def matches(
    answers: Mapping[str, Answer],
    cases: Sequence[Case],
    goldens: Mapping[str, Golden],
    misconceptions: Sequence[Misconception],
) -> tuple[Match, ...]:
    """Every misconception that fits all answers, the closest first."""
    found = [_match(m, answers, cases, goldens) for m in misconceptions]
    fitting = [match for match in found if match is not None and not match.misfits]
    return tuple(sorted(fitting, key=lambda match: (match.distance > 1, -len(match.telling), match.distance)))


def matches_of_most(
    answers: Mapping[str, Answer],
    right: frozenset[str],
    cases: Sequence[Case],
    goldens: Mapping[str, Golden],
    misconceptions: Sequence[Misconception],
) -> tuple[Match, ...]:
    """Misconceptions that fit the most answers, and all but a few, where none of those few is ``right``.

    The same mistake can be made in two ways that differ in a corner, as two functions do in their slope at 0; and a
    second mistake can show in few cases only.
    """
    found = [_match(m, answers, cases, goldens) for m in misconceptions]
    fitting = [
        match
        for match in found
        if match is not None
        and not right.intersection(match.misfits)
        and len(match.telling) >= max(_MANY, _MOST * len(match.misfits))
    ]
    best = min(fitting, key=lambda match: (len(match.misfits), match.distance), default=None)
    return tuple(match for match in fitting if best is not None and match.misfits == best.misfits)


_MANY = 4
"""Cases that have to speak for a mistake that does not fit all of them."""
_MOST = 3
"""How many of them there are for each one that it does not fit."""


def _match(
    misconception: Misconception,
    answers: Mapping[str, Answer],
    cases: Sequence[Case],
    goldens: Mapping[str, Golden],
) -> Match | None:
    telling: list[str] = []
    misfits: list[str] = []
    worst = 0.0
    could_tell = 0
    for case in cases:
        answer, golden = answers.get(case.id), goldens[case.id]
        wrong = golden.misconceptions.get(misconception.name)
        if wrong is None:
            continue
        tells = is_told_apart(golden, wrong)
        could_tell += tells
        if answer is None:
            continue
        distance = _distance(answer, wrong, golden)
        if distance is None:
            misfits.append(case.id)
            continue
        worst = max(worst, distance)
        if tells:
            telling.append(case.id)
    # One case is too little to accuse on, unless no other case could have spoken.
    needed = min(2, could_tell)
    if not telling or len(telling) < needed:
        return None
    # An exception alone names no mistake: a value must have been recognised too.
    if all(_value_of(answers[case]) is None for case in telling):
        return None
    return Match(misconception, tuple(telling), worst, tuple(misfits))


def is_told_apart(golden: Golden, wrong: WrongReturn) -> bool:
    """Whether a right answer on this case could not be taken for this wrong one."""
    import numpy as np

    if wrong.value is None:
        return True
    value = np.asarray(wrong.value, np.float64)
    if value.shape != golden.expected.shape or not bool(np.isfinite(value).all()):
        return True
    return bool(np.max(np.abs(value - golden.expected), initial=0.0) > APART * golden.tolerance)


def _distance(answer: Answer, wrong: WrongReturn, golden: Golden) -> float | None:
    """How far the answer is from the misconception's, in tolerances; None when it is something else."""
    import numpy as np

    if wrong.value is None or answer.value is None:
        same_error = wrong.value is None and answer.value is None and wrong.raises == answer.raised
        return 0.0 if same_error else None
    got, value = np.asarray(answer.value, np.float64), np.asarray(wrong.value, np.float64)
    if got.shape != value.shape:
        return None
    expected = golden.expected.ravel()
    worst = 0.0
    for index, (mine, theirs) in enumerate(zip(got.ravel().tolist(), value.ravel().tolist(), strict=True)):
        if math.isnan(theirs) or math.isnan(mine):
            if not (math.isnan(theirs) and math.isnan(mine)):
                return None
            continue
        if math.isinf(theirs) or math.isinf(mine):
            if mine != theirs:
                return None
            continue
        right = float(expected[index]) if index < expected.size else math.nan
        tolerance = _tolerance(theirs, right, golden)
        off = abs(mine - theirs)
        allowed = tolerance
        if not math.isnan(right):
            allowed = max(tolerance, min(NOISE_FACTOR * tolerance, abs(theirs - right) / NOISE_FACTOR))
        if not off <= allowed:
            return None
        worst = max(worst, off / tolerance if tolerance > 0 else 0.0)
    return worst


def _tolerance(value: float, right: float, golden: Golden) -> float:
    """The case's tolerance at the size of this value: rounding is relative."""
    if math.isnan(right) or right == 0:
        return golden.tolerance
    return max(golden.tolerance, golden.tolerance * abs(value / right))


def _value_of(answer: Answer) -> Float64Array | None:
    return answer.value
