"""Connects to a TCP port of the host"""

import contextlib
import socket

ATTACK = {
    "group": "escape",
    "verdicts": ["wrong-answer"],
    "witness": "listener",
    "bound_s": 6,
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", int("@TCP_PORT@")), timeout=1).close()
    return [0.0, 0.0]
