"""Is a new process every few milliseconds, so that no list of processes is ever right"""

import os
import time

ATTACK = {
    "group": "outlive",
    "verdicts": ["wrong-answer"],
    "witness": "survivor",
    "bound_s": 8,
}


def solve(seed, x_batch, y_batch, lr):
    try:
        if os.fork() == 0:
            os.setsid()
            end = time.monotonic() + 5
            while time.monotonic() < end:
                if os.fork():
                    os._exit(0)
                time.sleep(0.005)
            os._exit(0)
    except OSError:
        pass
    return [0.0, 0.0]
