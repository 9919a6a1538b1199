"""Sends frames of a kind that does not exist"""

import json
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
    text = json.dumps({"kind": "shutdown", "number": 1}).encode()
    os.write(3, struct.pack("!II", len(text), 0) + text)
    return [0.0, 0.0]
