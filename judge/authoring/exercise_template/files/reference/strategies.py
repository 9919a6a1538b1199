"""The valid inputs, for 'judge fuzz', 'judge cases draw', and the guards of 'judge cases check'.

Runs in the judge's own process, so it must not import jax.
"""

import numpy as np
from hypothesis import strategies as st

# The smallest and the largest value of each size and parameter. Guards follow from it, such as "P > 4" and "decay = 0":
# corners in which a mistake can hide. At least two cases have to enter each, one of them hidden.
SPACE = {"P": (1, 8), "average": (-10, 10), "params": (-10, 10), "decay": (0, 1)}

# Guards of your own, as functions of the inputs.
GUARDS = {"P > 1 and decay = 0": lambda average, params, decay: len(params) > 1 and decay == 0}

# Guards that no case needs to enter, each with the reason why not.
OUT_OF_SCOPE = {"0 < decay < 0.001": "it would forget everything within a step, as 0 does"}

LENGTHS = (1, 3, 8)
"""Few are better than many: each shape has to be compiled."""


@st.composite
def inputs(draw):
    """One call: average: float32[P], params: float32[P], decay: float. Simple values come first, to shrink to."""
    length = draw(st.sampled_from(LENGTHS))
    eighths = st.integers(-80, 80).map(lambda count: count / 8)

    def array():
        return np.array(draw(st.lists(eighths, min_size=length, max_size=length)), dtype=np.float32)

    return {
        "average": array(),
        "params": array(),
        "decay": draw(st.one_of(st.sampled_from((0.0, 1.0, 0.5, 0.9)), st.floats(0.001, 1.0))),
    }
