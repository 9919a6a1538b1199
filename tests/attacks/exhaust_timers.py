"""Is interrupted by its own timer all the time"""

import signal
import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "limits": {"wall_s": 0.6, "total_wall_s": 0.9},
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    signal.signal(signal.SIGALRM, lambda number, frame: None)
    signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
    while True:
        time.sleep(0.01)
