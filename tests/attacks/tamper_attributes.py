"""Attaches an attribute to a file"""

import contextlib
import os

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "canary",
    "bound_s": 5,
    "needs": ["attributes"],
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        os.setxattr("@CANARY_PATH@", "user.left", b"for later")
    return [0.0, 0.0]
