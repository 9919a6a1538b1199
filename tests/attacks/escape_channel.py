"""Uses the judge's own channel to reach a socket of the host"""

import contextlib
import os
import socket

ATTACK = {
    "group": "escape",
    "verdicts": ["wrong-answer", "violation"],
    "witness": "listener",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    for fd in range(16):
        with contextlib.suppress(OSError):
            channel = socket.socket(fileno=os.dup(fd))
            channel.connect("@SOCKET_PATH@")
        with contextlib.suppress(OSError):
            one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            one.settimeout(1)
            one.connect(("127.0.0.1", int("@TCP_PORT@")))
    return [0.0, 0.0]
