"""Replaces builtin functions for everybody"""

import builtins

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["wrong-answer", "runtime-error"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


builtins.abs = lambda value: 0.0
builtins.max = lambda *values, **options: 0.0
builtins.all = lambda values: True
builtins.bool = lambda value=False: True


def solve(seed, x_batch, y_batch, lr):
    return [0.0, 0.0]
