"""Answers a call that was not made"""

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
    returned = {
        "type": "float",
        "dtype": "float64",
        "shape": [2],
        "array": {"dtype": "float64", "shape": [2]},
    }
    text = json.dumps({"kind": "answer", "number": 77, "returned": returned, "events": []}).encode()
    os.write(3, struct.pack("!II", len(text), 16) + text + bytes(16))
    return [0.0, 0.0]
