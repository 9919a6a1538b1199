"""Sends JSON that is nested 200,000 deep"""

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
    text = b'{"kind": "answer", "events": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    data = struct.pack("!II", len(text), 0) + text
    while data:
        data = data[os.write(3, data) :]
    return [0.0, 0.0]
