"""Holds the end of every message back until the next one"""

import os

ATTACK = {
    "group": "protocol",
    "verdicts": ["violation"],
    "witness": "no-verdict",
    "bound_s": 6,
    "control": "naive",
}

honest_write = os.write


def write(fd, data):
    if fd != 3:
        return honest_write(fd, data)
    held = bytes(data)
    honest_write(fd, held[:-1])
    honest_write(1, b"held back\n")
    honest_write(fd, held[-1:] + held[:5])  # and a part of what does not come
    return len(held)


os.write = write


def solve(seed, x_batch, y_batch, lr):
    return [0.0, 0.0]
