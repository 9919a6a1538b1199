"""The only formula from measured noise to a tolerance, and a check that recorded goldens follow it.

    relative tolerance = max(ulps u, perturbation_factor k, spread_factor S),  u = 2^-24

k is how far the reference moves when its inputs move by single units in the last place, S how far apart right
solutions are; both are relative to the largest expected number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from judge.model import ToleranceRule

if TYPE_CHECKING:
    from judge.model import Float64Array

ONE_ULP = "one-ulp"
"""The name of k among the sources of noise; the others are the names of right solutions."""

_UNIT = 2.0**-24


class Derived(NamedTuple):
    """The results derived from noise; ``tolerance`` is absolute, all else relative."""

    noise: float
    relative_tolerance: float
    tolerance: float
    worst_source: str

    def agrees(self, other: Derived) -> bool:
        """Return True if two derivations gave the same numbers, up to the rounding of another processor."""
        pairs = zip(self[:3], other[:3], strict=True)
        return all(math.isclose(one, two, rel_tol=1e-9) for one, two in pairs)


def derive(expected: Float64Array, noise_from: Mapping[str, float], rule: ToleranceRule) -> Derived:
    """The tolerance of one case; ``noise_from`` maps ``one-ulp`` and right solutions to relative differences."""
    weighted = {
        name: (rule.perturbation_factor if name == ONE_ULP else rule.spread_factor) * value
        for name, value in noise_from.items()
    }
    worst = max(weighted, key=lambda name: (weighted[name], name), default="")
    relative = max(rule.ulps * _UNIT, weighted.get(worst, 0.0))
    return Derived(max(noise_from.values(), default=0.0), relative, relative * scale_of(expected), worst)


def scale_of(expected: Float64Array) -> float:
    """The scale of tolerances: the largest magnitude among the expected numbers."""
    return float(np.abs(expected).max())
