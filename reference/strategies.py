"""Which inputs are valid, for Hypothesis: ``inputs()`` draws the arguments of ``solve``.

Every distinct shape has to be compiled, so shapes come from a short ladder. Each array is a grid of small numbers times
one scale, and in every list of choices the simplest comes first, so that failures shrink to 0 and 1. Draws on which even
right solutions disagree are not filtered here; the judge measures and discards them.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

SHAPES = ((1, 1), (2, 2), (4, 3), (8, 5))
"""(N, D), smallest first."""

X_SCALES = (1.0, 30.0, 100.0, 0.1)
"""Large features make stale running statistics show; small ones make the epsilon of BatchNorm show."""

Y_SCALES = (1.0, 10.0, 100.0, 0.1)

FRACTIONS = (0.0, 0.5, 0.25, 0.75, 0.9)
"""What is added to a whole seed; 0.5 and more tell rounding from cutting off."""

MAX_SEED = 2**31 - 1

GRID = tuple(
    float(value)
    for value in sorted(
        (Fraction(count, 16) for count in range(-64, 65)), key=lambda v: (v.denominator, abs(v), v < 0)
    )
)
"""Multiples of 1/16 from -4 to 4, exact in float32, from simple to less so: 0, 1, -1, 2, ..., 1/2, -1/2, ..."""


def whole_seeds() -> st.SearchStrategy[int]:
    """Small seeds, those around 2**24 (where float32 runs out of whole numbers) and all others."""
    return st.one_of(st.integers(0, 9), st.integers(2**24 - 2, 2**24 + 2), st.integers(0, MAX_SEED))


def learning_rates() -> st.SearchStrategy[float]:
    """0, 1, and everything between 1e-5 and 1, evenly over decades."""
    decades = st.builds(lambda digit, power: digit * 10.0**-power, st.integers(1, 9), st.integers(1, 5))
    return st.one_of(st.sampled_from((0.0, 1.0, 0.5, 0.1)), decades, st.floats(1e-5, 1.0))


def _grids(size: int) -> st.SearchStrategy[list[float]]:
    """``size`` numbers between -4 and 4, exact in float32; half of them simple ones."""
    anything = st.floats(-4.0, 4.0, width=32, allow_subnormal=False)
    return st.lists(st.one_of(st.sampled_from(GRID), anything), min_size=size, max_size=size)


@st.composite
def _arrays(draw: st.DrawFn, shape: tuple[int, ...], scales: tuple[float, ...]) -> np.ndarray:
    grid = np.array(draw(_grids(int(np.prod(shape)))), dtype=np.float32).reshape(shape)
    return grid * np.float32(draw(st.sampled_from(scales)))


@st.composite
def inputs(draw: st.DrawFn) -> dict[str, object]:
    """One call of ``solve``: seed: float, x_batch: float32[N, D], y_batch: float32[N], lr: float.

    A single row is normalised to zeros, the kink of ReLU, where right solutions may take other gradients than the
    reference: it only comes with lr = 0.
    """
    rows, columns = draw(st.sampled_from(SHAPES))
    return {
        "seed": float(draw(whole_seeds()) + draw(st.sampled_from(FRACTIONS))),
        "x_batch": draw(_arrays((rows, columns), X_SCALES)),
        "y_batch": draw(_arrays((rows,), Y_SCALES)),
        "lr": draw(learning_rates()) if rows > 1 else 0.0,
    }
