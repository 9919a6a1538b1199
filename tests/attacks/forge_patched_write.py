"""Rewrites what passes through os.write"""

import os

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["wrong-answer"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


honest_write = os.write


def write(fd, data):
    honest_write(fd, bytes(data).replace(b"wrong-answer", b"accepted"))
    return len(data)


os.write = write


def solve(seed, x_batch, y_batch, lr):
    return [0.0, 0.0]
