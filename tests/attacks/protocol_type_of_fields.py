"""Sends the description of an array of records, with ten thousand fields of arrays"""

import json
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
    fields = [[f"f{number}", "f8", [2, 2]] for number in range(10_000)]
    returned = {"type": "x", "dtype": "V", "shape": [2], "array": {"dtype": fields, "shape": [2]}}
    text = json.dumps({"kind": "answer", "number": 1, "returned": returned, "events": []}).encode()
    data = struct.pack("!II", len(text), 16) + text + bytes(16)
    while data:
        data = data[os.write(3, data) :]
    return [0.0, 0.0]
