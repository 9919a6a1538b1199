"""Describes an array that its bytes do not hold"""

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
    array = {"dtype": "float64", "shape": [10**6, 10**6]}
    returned = {"type": "float", "dtype": "float64", "shape": [2], "array": array}
    text = json.dumps({"kind": "answer", "number": 1, "returned": returned, "events": []}).encode()
    os.write(3, struct.pack("!II", len(text), 16) + text + bytes(16))
    return [0.0, 0.0]
