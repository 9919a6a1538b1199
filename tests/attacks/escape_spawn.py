"""Starts another program beside itself"""

import contextlib
import os
import subprocess
import time

ATTACK = {
    "group": "escape",
    "verdicts": ["wrong-answer"],
    "witness": "process",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        os.posix_spawn("/bin/sleep", ["sleep", "0.4"], {})
    with contextlib.suppress(OSError):
        subprocess.Popen(["/bin/sleep", "0.4"])
    time.sleep(0.3)
    return [0.0, 0.0]
