"""Which inputs are valid, for Hypothesis: ``inputs()`` draws the arguments of ``solve``.

Every distinct shape has to be compiled, so shapes come from a ladder: small ones to shrink to, then one for each corner
of the sizes. Small arrays are grids of simple numbers times one scale; large ones are generators of the YAML files, which
are drawn faster and written shorter. In every list of choices the simplest comes first, so that failures shrink to 0 and
1. Draws on which even right solutions disagree are not filtered here; the judge measures and discards them.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

SPACE = {
    "N": (1, 300),
    "D": (1, 36),
    "seed": (0, 2**32 - 1),
    "x_batch": (-20_000, 20_000),
    "y_batch": (-20_000, 20_000),
    "lr": (0, 4),
}
"""The smallest and the largest value of each size and parameter that cases are to cover."""

GUARDS = {
    "N = 2": lambda seed, x_batch, y_batch, lr: len(x_batch) == 2,
    "N = 1 and lr > 0": lambda seed, x_batch, y_batch, lr: len(x_batch) == 1 and lr > 0,
    "D = 1 and N > 1": lambda seed, x_batch, y_batch, lr: x_batch.shape[1] == 1 and len(x_batch) > 1,
    "D > 16 and N > 32": lambda seed, x_batch, y_batch, lr: x_batch.shape[1] > 16 and len(x_batch) > 32,
    "lr = 0 and N > 2": lambda seed, x_batch, y_batch, lr: lr == 0 and len(x_batch) > 2,
}

OUT_OF_SCOPE = {
    "0 < seed < 0.001": "its integer part is 0, as that of other fractional seeds below 1",
    "x_batch = 0 everywhere": "every unit is at the kink of ReLU, where right solutions take different gradients",
}

SHAPES = ((1, 1), (2, 2), (4, 3), (2, 3), (8, 1), (1, 20), (7, 7), (5, 19), (307, 5), (41, 37))
"""(N, D), the simplest first."""

GRID_AT_MOST = 64
"""Numbers in an array that is drawn one by one."""

X_SCALES = (1.0, 30.0, 100.0, 0.1, 0.01, 5000.0)
"""Large features make stale running statistics show; small ones make the epsilon of BatchNorm show."""

Y_SCALES = (1.0, 10.0, 100.0, 0.1, 0.01, 5000.0)

FRACTIONS = (0.0, 0.5, 0.25, 0.75, 0.9)
"""What is added to a whole seed; 0.5 and more tell rounding from cutting off."""

GRID = tuple(
    float(value)
    for value in sorted(
        (Fraction(count, 16) for count in range(-64, 65)), key=lambda v: (v.denominator, abs(v), v < 0)
    )
)
"""Multiples of 1/16 from -4 to 4, exact in float32, from simple to less so: 0, 1, -1, 2, ..., 1/2, -1/2, ..."""


def whole_seeds() -> st.SearchStrategy[int]:
    """Small seeds, those around 2**24 (where float32 runs out of whole numbers) and around 2**31, and all others."""
    return st.one_of(
        st.integers(0, 9),
        st.integers(2**24 - 2, 2**24 + 2),
        st.integers(2**31 - 2, 2**31 + 2),
        st.integers(0, 2**32 - 1),
    )


def learning_rates() -> st.SearchStrategy[float]:
    """0, 1, and everything between 1e-5 and 4, evenly over decades."""
    decades = st.builds(lambda digit, power: digit * 10.0**-power, st.integers(1, 9), st.integers(1, 5))
    return st.one_of(st.sampled_from((0.0, 1.0, 0.5, 0.1, 2.0)), decades, st.floats(1e-5, 4.0))


def _grids(size: int) -> st.SearchStrategy[list[float]]:
    """``size`` numbers between -4 and 4, exact in float32; half of them simple ones."""
    anything = st.floats(-4.0, 4.0, width=32, allow_subnormal=False)
    return st.lists(st.one_of(st.sampled_from(GRID), anything), min_size=size, max_size=size)


@st.composite
def _generators(draw: st.DrawFn, shape: tuple[int, ...], scale: float) -> dict[str, object]:
    """A generator of YAML files: around 0, off centre, or nowhere negative."""
    seed = draw(st.integers(0, 10**6))
    if draw(st.integers(0, 3)) == 3:
        return {"uniform": {"shape": list(shape), "seed": seed, "low": scale, "high": 4 * scale}}
    shift = draw(st.sampled_from((0.0, 0.0, 2.0 * scale)))
    return {"normal": {"shape": list(shape), "seed": seed, "scale": scale, "shift": shift}}


@st.composite
def _arrays(draw: st.DrawFn, shape: tuple[int, ...], scales: tuple[float, ...]) -> object:
    scale = draw(st.sampled_from(scales))
    size = int(np.prod(shape))
    if size > GRID_AT_MOST:
        return draw(_generators(shape, scale))
    grid = np.array(draw(_grids(size)), dtype=np.float32).reshape(shape)
    return grid * np.float32(scale)


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
