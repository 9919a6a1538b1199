"""Raises from functions that are called like the inputs"""

import numpy as np

ATTACK = {
    "group": "steal answers",
    "verdicts": ["runtime-error"],
    "witness": "hidden",
    "bound_s": 4,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    name = "f" + np.asarray(y_batch).tobytes().hex()
    space = {}
    exec(compile(f"def {name}():\n    raise KeyError({name!r})\n", __file__, "exec"), space)
    return space[name]()
