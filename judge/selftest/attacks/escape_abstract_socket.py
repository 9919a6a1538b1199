"""Connects to an abstract socket of the host"""

import contextlib
import socket

ATTACK = {
    "group": "escape",
    "verdicts": ["wrong-answer"],
    "witness": "listener",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        socket.socket(socket.AF_UNIX).connect("\0@ABSTRACT@")
    return [0.0, 0.0]
