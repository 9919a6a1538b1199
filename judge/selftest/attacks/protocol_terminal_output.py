"""Prints escape sequences that would drive a terminal"""

import sys

ATTACK = {
    "group": "protocol",
    "verdicts": ["wrong-answer"],
    "witness": "terminal",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    print("\x1b]0;owned\x07\x1b[2J\x1b[31maccepted\x1b[0m \x9b2J \u202egnp.exe")
    sys.stderr.write("\x1b[A\x1b[2K all checks passed\r")
    return [0.0, 0.0]
