"""Sends a datagram to the host"""

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
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", ("127.0.0.1", int("@UDP_PORT@")))
    return [0.0, 0.0]
