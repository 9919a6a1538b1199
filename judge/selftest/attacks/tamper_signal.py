"""Sends signals to another process"""

import contextlib
import os
import signal

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "victim",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    for number in (signal.SIGUSR1, signal.SIGHUP, signal.SIGIO, signal.SIGWINCH):
        for target in (int("@VICTIM_PID@"), -int("@VICTIM_PID@")):
            with contextlib.suppress(OSError):
                os.kill(target, number)
    return [0.0, 0.0]
