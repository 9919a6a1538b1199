"""Forks where nobody expects it: in signal handlers, in a trace function and in the collector of garbage"""

import contextlib
import gc
import os
import signal
import sys
import time

ATTACK = {
    "group": "outlive",
    "verdicts": ["wrong-answer"],
    "witness": "survivor",
    "bound_s": 8,
}


def stay(*anything):
    with contextlib.suppress(OSError):
        if os.fork() == 0:
            os.setsid()
            time.sleep(20)
            os._exit(0)


def solve(seed, x_batch, y_batch, lr):
    sys.settrace(None)
    signal.signal(signal.SIGALRM, stay)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    time.sleep(0.05)
    gc.callbacks.append(stay)
    gc.collect()
    gc.callbacks.remove(stay)
    sys.setprofile(lambda *event: (sys.setprofile(None), stay()))
    len("")
    return [0.0, 0.0]
