"""Opens a terminal"""

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
    for path in ("/dev/tty", "/dev/ptmx", "/dev/pts/ptmx", "/dev/console", "/dev/kmsg"):
        with contextlib.suppress(OSError):
            os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    time.sleep(0.2)
    return [0.0, 0.0]
