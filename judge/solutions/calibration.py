"""Measures how far from the reference a right solution may be on one input.

Two things are measured, both relative to the expected value: k, how far the reference moves when its array inputs
move by single units in the last place; and S, how far apart right solutions are (the float64 oracle, the accepted
variants: jitted, rows permuted, double precision and so on).  The tolerance follows by the formula in
``judge.exercise.tolerance``.  An input that would need more than the bound is refused, because such a wide tolerance
would accept wrong solutions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from judge.compare import distance
from judge.exercise.tolerance import derive, scale_of
from judge.model import Inputs, ToleranceRule

if TYPE_CHECKING:
    from judge.model import Array, Float64Array

PERTURBATIONS = 8


@dataclass(frozen=True)
class Calibration:
    """An input's noise and the tolerances derived from it; ``tolerance`` is absolute, all else relative."""

    noise: float
    relative_tolerance: float
    tolerance: float
    worst_source: str

    def acceptable(self, rule: ToleranceRule) -> bool:
        return self.relative_tolerance <= rule.bound


def calibrate(expected: Float64Array, noise_from: Mapping[str, float], rule: ToleranceRule) -> Calibration:
    """Derive the tolerance; ``noise_from`` maps ``one-ulp`` and right solutions to relative differences."""
    return Calibration(*derive(expected, noise_from, rule))


def relative_difference(value: Float64Array, expected: Float64Array) -> float:
    """Return the largest difference, relative to ``scale_of(expected)``; infinite where a number is not finite."""
    difference = distance(value, expected)
    size = scale_of(expected)
    if size == 0.0:
        return 0.0 if difference == 0.0 else float("inf")
    return difference / size


def perturbed(inputs: Inputs, count: int = PERTURBATIONS) -> list[Inputs]:
    """Return copies of the inputs in which every float array entry moves by -1, 0 or +1 unit in the last place.

    Scalars stay: they are exact by contract, and a seed moved across an integer is another problem altogether.
    """
    stream = np.random.RandomState(20240229)
    return [{name: _nudged(value, stream) for name, value in inputs.items()} for _ in range(count)]


def _nudged(value: float | int | Array, stream: np.random.RandomState) -> float | int | Array:
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        return value
    steps = stream.randint(-1, 2, size=value.shape)
    towards = np.where(steps > 0, np.inf, -np.inf).astype(value.dtype)
    moved: Array = np.where(steps == 0, value, np.nextafter(value, towards)).astype(value.dtype)
    moved = np.where(np.isfinite(moved), moved, value)
    moved.setflags(write=False)
    return moved


NEAR_ZERO = 1e-3
"""Expected values below this part of the largest input are what is left when larger numbers cancel."""


def likely_causes(inputs: Inputs, expected: Float64Array) -> list[str]:
    """Return the properties of a case that tend to amplify rounding, in words an author can act on."""
    causes = []
    arrays = [value for value in inputs.values() if isinstance(value, np.ndarray) and value.size]
    largest = max((float(np.abs(value.astype(np.float64)).max()) for value in arrays), default=0.0)
    size = float(np.abs(expected).max(initial=0.0))
    if size < NEAR_ZERO * largest:
        causes.append(
            f"expected ({size:.3g}) is near 0 beside the inputs ({largest:.3g}), so rounding shows in it"
        )
    for name, value in inputs.items():
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or value.ndim == 0:
            continue
        rows = value.astype(np.float64).reshape(value.shape[0], -1)
        if value.ndim > 1 and len(rows) > 1 and len(np.unique(rows, axis=0)) < len(rows):
            causes.append(f"{name} has identical rows")
        if value.ndim > 1 and len(rows) == 2:
            causes.append(f"{name} has only two rows, whose differences cancel")
        spread = float(rows.std(axis=0).max())
        offset = float(np.abs(rows.mean(axis=0)).max())
        if len(rows) > 1 and spread > 0 and offset > 5 * spread:
            causes.append(f"{name} lies far from zero for its spread ({offset:.3g} against {spread:.3g})")
    return causes
