"""Sends its answer one byte at a time"""

import os
import struct
import time

ATTACK = {
    "group": "protocol",
    "verdicts": ["time-limit"],
    "witness": "no-verdict",
    "bound_s": 6,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    os.write(3, struct.pack("!II", 100_000, 0))
    while True:
        os.write(3, b" ")
        time.sleep(0.02)
