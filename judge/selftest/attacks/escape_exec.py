"""Becomes another program"""

import contextlib
import os
import time

ATTACK = {
    "group": "escape",
    "verdicts": ["wrong-answer"],
    "witness": "process",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    time.sleep(0.25)
    for path in ("/bin/sleep", "/usr/bin/sleep"):
        with contextlib.suppress(OSError):
            os.execv(path, ["sleep", "0.5"])
    return [0.0, 0.0]
