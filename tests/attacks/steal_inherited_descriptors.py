"""Reads every descriptor that it was started with"""

import os

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "secret",
    "bound_s": 4,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    for fd in range(4, 256):
        try:
            print(os.pread(fd, 100, 0))
        except OSError:
            continue
    return [0.0, 0.0]
