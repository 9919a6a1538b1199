"""Starts a program in a session of its own"""

import contextlib
import subprocess

ATTACK = {
    "group": "outlive",
    "verdicts": ["wrong-answer"],
    "witness": "survivor",
    "bound_s": 6,
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        subprocess.Popen(["/bin/sleep", "20"], start_new_session=True)
    return [0.0, 0.0]
