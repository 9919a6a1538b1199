"""The comparison rule, in one place: |got - expected| <= tolerance, in float64, shapes equal, no NaN, no infinity."""

from __future__ import annotations

import math
import re
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judge.model import ClaimedValue, Float64Array


class Mismatch(StrEnum):
    NOT_NUMBERS = "not-numbers"
    SHAPE = "shape"
    NOT_FINITE = "not-finite"
    VALUE = "value"


@dataclass(frozen=True)
class Comparison:
    """The result of a comparison: right, or wrong in which way."""

    right: bool
    difference: float | None
    """max |got - expected| as a multiple of the tolerance; None when there is nothing to compare."""
    reason: str
    """One line on why it is not right; '' when it is."""
    mismatch: Mismatch | None = None
    values_right: bool = False
    """True if the numbers are right, also in a wrong shape."""


def distance(got: Float64Array, expected: Float64Array) -> float:
    """Return max |got - expected|; infinite where shapes differ, a number is not finite or the difference is not."""
    import numpy as np

    if got.shape != expected.shape:
        return math.inf
    with np.errstate(over="ignore", invalid="ignore"):
        farthest = float(np.max(np.abs(got - expected), initial=0.0))
    return farthest if math.isfinite(farthest) else math.inf


def is_within(got: Float64Array, expected: Float64Array, tolerance: float | Float64Array) -> bool:
    """Return True if shapes are equal and each |got - expected| <= tolerance; False for NaN, and without numbers."""
    import numpy as np

    if got.shape != expected.shape or not got.size:
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.all(np.abs(got - expected) <= tolerance))


def is_repeated(first: Float64Array, again: Float64Array, tolerance: float) -> bool:
    """Return True if two answers to the same inputs are the same one: each number within the tolerance, or both NaN."""
    import numpy as np

    if first.shape != again.shape:
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        near = np.abs(first - again) <= tolerance
    return bool(np.all(near | (first == again) | (np.isnan(first) & np.isnan(again))))


def compare(expected: Float64Array, tolerance: float, claimed: ClaimedValue) -> Comparison:
    """Compare one returned value with the expected one.

    expected: float64, finite.  tolerance: absolute, finite, at least 0.  Every comparison here is written so that NaN
    makes it false: what cannot be compared is not right.
    """
    import numpy as np

    if claimed.array is None and claimed.shape != expected.shape and _is_no_answer_by_shape(claimed):
        reason = f"{claimed.problem}, shape {_shown(claimed.shape or ())} instead of {_shown(expected.shape)}"
        return Comparison(False, None, reason, Mismatch.SHAPE)
    if claimed.array is None:
        return Comparison(False, None, f"no array of real numbers: {claimed.problem}", Mismatch.NOT_NUMBERS)
    got = np.asarray(claimed.array, dtype=np.float64)
    expected = np.asarray(expected, dtype=np.float64)
    difference = None
    within = False
    if got.size == expected.size:
        within, difference = _in_tolerances(got.ravel(), expected.ravel(), tolerance)
    if got.shape != expected.shape:
        reason = f"shape {_shown(got.shape)} instead of {_shown(expected.shape)}"
        if within:
            reason += "; the number itself is right"
        return Comparison(False, None, reason, Mismatch.SHAPE, values_right=within)
    if not bool(np.isfinite(got).all()):
        what = "NaN" if bool(np.isnan(got).any()) else "infinity"
        return Comparison(False, None, f"returned {what}", Mismatch.NOT_FINITE)
    if within:
        return Comparison(True, difference, "", values_right=True)
    return Comparison(False, difference, "wrong value", Mismatch.VALUE)


def _is_no_answer_by_shape(claimed: ClaimedValue) -> bool:
    """Return True if an array was returned whose numbers were not sent, because it has none or too many."""
    empty = claimed.shape is not None and 0 in claimed.shape
    numeric = re.match(r"b?float|u?int", claimed.dtype or "") is not None
    return empty or (claimed.shape is not None and numeric)


def _in_tolerances(got: Float64Array, expected: Float64Array, tolerance: float) -> tuple[bool, float | None]:
    """Return True if all of ``got`` is within the tolerance, and the largest distance in tolerances."""
    import numpy as np

    finite = bool(np.isfinite(got).all()) and bool(np.isfinite(expected).all())
    if not finite or not math.isfinite(tolerance) or tolerance < 0:
        return False, None
    farthest, within = distance(got, expected), is_within(got, expected, tolerance)
    if tolerance == 0:
        return within, 0.0 if within else sys.float_info.max
    with np.errstate(over="ignore"):
        return within, min(float(np.float64(farthest) / tolerance), sys.float_info.max)


def _shown(shape: tuple[int, ...]) -> str:
    sizes = [str(n) for n in shape]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"
