"""Connects to a socket in the file system"""

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
        socket.socket(socket.AF_UNIX).connect("@SOCKET_PATH@")
    return [0.0, 0.0]
