"""Becomes a program that it has put into memory"""

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
    with contextlib.suppress(OSError):
        fd = os.memfd_create("program")
        with open("/bin/sleep", "rb") as program:
            os.write(fd, program.read())
        os.execve(fd, ["sleep", "0.5"], {})
    return [0.0, 0.0]
