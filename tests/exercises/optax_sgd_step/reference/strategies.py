"""Which inputs are valid: lengths from a short ladder, numbers that shrink towards 0 and 1."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

LENGTHS = (1, 3, 8)


@st.composite
def inputs(draw: st.DrawFn) -> dict[str, object]:
    """One call: params: float32[P], grads: float32[P], lr: float."""
    length = draw(st.sampled_from(LENGTHS))
    sixteenths = st.integers(-64, 64).map(lambda count: count / 16)

    def array() -> np.ndarray:
        scale = draw(st.sampled_from((1.0, 100.0, 0.01)))
        grid = draw(st.lists(sixteenths, min_size=length, max_size=length))
        return np.array(grid, dtype=np.float32) * np.float32(scale)

    return {
        "params": array(),
        "grads": array(),
        "lr": draw(st.one_of(st.sampled_from((0.0, 1.0, 0.5, 0.1)), st.floats(1e-4, 2.0))),
    }
