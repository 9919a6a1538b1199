"""Holds the root folder open, as a way to everything else"""

import contextlib
import os
import time

ATTACK = {
    "group": "escape",
    "verdicts": ["wrong-answer"],
    "witness": "descriptor",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    for path in ("/", "/proc", "/etc", "/root", "/home", "/tmp"):
        for flags in (os.O_RDONLY | os.O_DIRECTORY, os.O_PATH):
            with contextlib.suppress(OSError):
                os.open(path, flags)
    time.sleep(0.2)
    return [0.0, 0.0]
