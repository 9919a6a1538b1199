"""Announces a frame of 8 GiB"""

import os

ATTACK = {
    "group": "protocol",
    "verdicts": ["violation"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    os.write(3, b"\xff" * 8 + b"x" * 1000)
    return [0.0, 0.0]
