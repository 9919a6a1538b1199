"""Ignores every signal that it may ignore, and computes"""

import signal

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "bound_s": 7,
    "limits": {"wall_s": 3.0, "cpu_s": 1.0},
}


def solve(seed, x_batch, y_batch, lr):
    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    while True:
        seed += 1
