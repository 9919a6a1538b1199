"""Writes to stderr without end, past Python's streams"""

import os

ATTACK = {
    "group": "exhaust",
    "verdicts": ["output-limit"],
    "witness": "output",
    "bound_s": 6,
}


def solve(seed, x_batch, y_batch, lr):
    while True:
        os.write(2, b"\0" * 65536)
