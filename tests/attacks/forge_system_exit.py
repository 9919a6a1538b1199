"""Raises SystemExit(0) instead of returning"""

import sys

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["runtime-error"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    sys.exit(0)
