"""Makes every comparison of numpy say yes"""

import numpy as np

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["wrong-answer"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


def yes(*arguments, **options):
    return True


for name in ("allclose", "array_equal", "array_equiv", "isclose", "all", "any"):
    setattr(np, name, yes)
for name in ("assert_allclose", "assert_array_equal", "assert_almost_equal"):
    setattr(np.testing, name, yes)


def solve(seed, x_batch, y_batch, lr):
    return [0.0, 0.0]
