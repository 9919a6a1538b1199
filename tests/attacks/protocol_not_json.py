"""Sends a header that is not JSON"""

import os
import struct

ATTACK = {
    "group": "protocol",
    "verdicts": ["violation"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    os.write(3, struct.pack("!II", 9, 0) + b"\xff\xfe{]\0nope")
    return [0.0, 0.0]
