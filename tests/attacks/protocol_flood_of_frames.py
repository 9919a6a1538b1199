"""Sends small frames without end"""

import os
import struct

ATTACK = {
    "group": "protocol",
    "verdicts": ["violation"],
    "witness": "no-verdict",
    "bound_s": 6,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    frame = struct.pack("!II", 15, 0) + b'{"kind":"tick"}'
    while True:
        os.write(3, frame * 1000)
