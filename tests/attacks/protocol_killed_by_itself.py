"""Kills itself, with signals and with an alarm"""

import os
import signal
import time

ATTACK = {
    "group": "protocol",
    "verdicts": ["runtime-error", "wrong-answer"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    os.kill(os.getpid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.05)
    return [0.0, 0.0]
