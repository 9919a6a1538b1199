"""Sends bytes without end"""

import os

ATTACK = {
    "group": "protocol",
    "verdicts": ["violation"],
    "witness": "no-verdict",
    "bound_s": 6,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    while True:
        os.write(3, b"\0\0\0\1" * 16384)
