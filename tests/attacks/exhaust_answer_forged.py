"""Sends answers with as many bytes as frames may have"""

import json
import os
import struct

ATTACK = {
    "group": "exhaust",
    "verdicts": ["wrong-answer", "violation"],
    "witness": "judge-memory",
    "bound_s": 10,
    "control": "naive",
}


calls = []


def solve(seed, x_batch, y_batch, lr):
    calls.append(1)
    size = (1 << 24) // 8
    array = {"dtype": "float64", "shape": [size]}
    returned = {"type": "float", "dtype": "float64", "shape": [size], "array": array}
    text = json.dumps({"kind": "answer", "number": len(calls), "returned": returned, "events": []}).encode()
    data = struct.pack("!II", len(text), size * 8) + text + bytes(size * 8)
    while data:
        data = data[os.write(3, data) :]
    while len(calls) < 4:
        header = os.read(3, 1 << 16)
        if not header:
            os._exit(0)
        return solve(seed, x_batch, y_batch, lr)
    os._exit(0)
