"""Prints bytes that are no text"""

import os

ATTACK = {
    "group": "protocol",
    "verdicts": ["wrong-answer"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    os.write(1, bytes(range(256)) + b"\xed\xa0\x80\xff\xfe")
    return [0.0, 0.0]
