"""Matches wrong answers with those that known misconceptions return.

Goldens hold, for each case, what every misconception returned when they were recorded.  A submission matches a
misconception when it did the same on every case that was answered, and at least one of those cases distinguishes the
misconception from a right solution (two, where two cases do).  If there is no such match, a misconception that equals
most wrong answers is matched with those.  The other answers, and two mistakes at once, match nothing, and the
findings say so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judge.compare import distance
from judge.model import Case, Golden, WrongReturn

if TYPE_CHECKING:
    from judge.exercise import Misconception
    from judge.model import Float64Array

NOISE_FACTOR = 8.0
"""A wrong solution's rounding noise may exceed the reference's by this factor, but not so far that it could be taken
for the right answer: at most this part of the distance between the two."""
APART = 10.0
"""Beyond this distance between expected and wrong value, in tolerances, a case distinguishes them."""


@dataclass(frozen=True)
class Answer:
    """A submission's result on one case: a value, or an exception's class name."""

    value: Float64Array | None
    raised: str | None


@dataclass(frozen=True)
class Match:
    """A misconception whose results equal the submission's."""

    misconception: Misconception
    distinguishing: tuple[str, ...]
    """Cases that distinguish it from a right solution, and on which the submission did the same."""
    distance: float
    """The largest distance to the recorded numbers, in tolerances."""
    misfits: tuple[str, ...] = ()
    """Cases with another answer than the misconception's."""


def matches(
    answers: Mapping[str, Answer],
    cases: Sequence[Case],
    goldens: Mapping[str, Golden],
    misconceptions: Sequence[Misconception],
) -> tuple[Match, ...]:
    """Return every misconception that fits all answers, the best match first."""
    found = [_match(m, answers, cases, goldens) for m in misconceptions]
    fitting = [match for match in found if match is not None and not match.misfits]
    return tuple(
        sorted(fitting, key=lambda match: (match.distance > 1, -len(match.distinguishing), match.distance))
    )


def matches_of_most(
    answers: Mapping[str, Answer],
    right: frozenset[str],
    cases: Sequence[Case],
    goldens: Mapping[str, Golden],
    misconceptions: Sequence[Misconception],
) -> tuple[Match, ...]:
    """Return the misconceptions that fit most answers, and miss only a few, none of which is ``right``.

    One mistake can have two forms that differ in a corner case, as two functions do in their slope at 0; and a second
    mistake can show in few cases only.
    """
    found = [_match(m, answers, cases, goldens) for m in misconceptions]
    fitting = [
        match
        for match in found
        if match is not None
        and not right.intersection(match.misfits)
        and len(match.distinguishing) >= max(_MANY, _MOST * len(match.misfits))
    ]
    best = min(fitting, key=lambda match: (len(match.misfits), match.distance), default=None)
    return tuple(match for match in fitting if best is not None and match.misfits == best.misfits)


_MANY = 4
"""The least number of cases that must support a mistake that does not fit all of them."""
_MOST = 3
"""The least number of supporting cases for each one that the mistake does not fit."""


def _match(
    misconception: Misconception,
    answers: Mapping[str, Answer],
    cases: Sequence[Case],
    goldens: Mapping[str, Golden],
) -> Match | None:
    distinguishing: list[str] = []
    misfits: list[str] = []
    worst = 0.0
    could_tell = 0
    for case in cases:
        answer, golden = answers.get(case.id), goldens[case.id]
        wrong = golden.misconceptions.get(misconception.name)
        if wrong is None:
            continue
        tells = is_distinguishable(golden, wrong)
        could_tell += tells
        if answer is None:
            continue
        distance = _distance(answer, wrong, golden)
        if distance is None:
            misfits.append(case.id)
            continue
        worst = max(worst, distance)
        if tells:
            distinguishing.append(case.id)
    # One case is not enough evidence, unless no other case distinguishes the mistake.
    needed = min(2, could_tell)
    if not distinguishing or len(distinguishing) < needed:
        return None
    # An exception alone identifies no mistake: a value must match too.
    if all(_value_of(answers[case]) is None for case in distinguishing):
        return None
    return Match(misconception, tuple(distinguishing), worst, tuple(misfits))


def is_distinguishable(golden: Golden, wrong: WrongReturn) -> bool:
    """Return True if a right answer on this case cannot be taken for this wrong one."""
    import numpy as np

    if wrong.value is None:
        return True
    value = np.asarray(wrong.value, np.float64)
    return distance(value, golden.expected) > APART * golden.tolerance


def _distance(answer: Answer, wrong: WrongReturn, golden: Golden) -> float | None:
    """Return the largest distance from the misconception's answer, in tolerances; None when they do not match."""
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
    """Return the case's tolerance scaled to this value, because rounding is relative."""
    if math.isnan(right) or right == 0:
        return golden.tolerance
    return max(golden.tolerance, golden.tolerance * abs(value / right))


def _value_of(answer: Answer) -> Float64Array | None:
    return answer.value
