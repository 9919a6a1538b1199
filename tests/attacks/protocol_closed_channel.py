"""Closes every descriptor and goes on"""

import os
import time

ATTACK = {
    "group": "protocol",
    "verdicts": ["violation", "runtime-error"],
    "witness": "no-verdict",
    "bound_s": 6,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    os.closerange(0, 256)
    time.sleep(0.1)
    return [0.0, 0.0]
