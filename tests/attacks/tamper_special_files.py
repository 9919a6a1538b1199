"""Makes folders, pipes and sockets"""

import contextlib
import os
import socket

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "canary",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        os.mkdir("@CANARY_DIR@/folder")
    with contextlib.suppress(OSError):
        os.mkfifo("@CANARY_DIR@/pipe")
    with contextlib.suppress(OSError):
        socket.socket(socket.AF_UNIX).bind("@CANARY_DIR@/socket")
    return [0.0, 0.0]
