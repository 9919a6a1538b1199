"""Describes an array of Python objects"""

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
    returned = {"type": "x", "dtype": "object", "shape": [2], "array": {"dtype": "object", "shape": [2]}}
    text = json.dumps({"kind": "answer", "number": 1, "returned": returned, "events": []}).encode()
    os.write(3, struct.pack("!II", len(text), 16) + text + b"\x10" * 16)
    return [0.0, 0.0]
