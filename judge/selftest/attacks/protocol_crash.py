"""Reads memory that is not there"""

import ctypes

ATTACK = {
    "group": "protocol",
    "verdicts": ["runtime-error"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    ctypes.string_at(8)
    return [0.0, 0.0]
