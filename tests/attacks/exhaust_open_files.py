"""Raises its limit if it can and opens files until none can be opened"""

import os
import resource
import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["wrong-answer"],
    "witness": "descriptor",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    for hard in (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):
            continue
    try:
        for _ in range(900):
            os.open("/dev/zero", os.O_RDONLY)
    except OSError:
        pass
    time.sleep(0.2)
    return [0.0, 0.0]
