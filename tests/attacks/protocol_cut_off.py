"""Sends half of a frame and leaves"""

import os
import struct

ATTACK = {
    "group": "protocol",
    "verdicts": ["violation", "runtime-error"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    os.write(3, struct.pack("!II", 1000, 0) + b'{"kind": "answer", "number": 1')
    os._exit(0)
