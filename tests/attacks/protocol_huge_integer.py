"""Sends a number with 100,000 digits"""

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
    text = b'{"kind": "answer", "number": ' + b"9" * 100_000 + b"}"
    os.write(3, struct.pack("!II", len(text), 0) + text)
    return [0.0, 0.0]
