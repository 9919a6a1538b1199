"""Sends well-formed answers to all calls, and a verdict, before solve returns"""

import json
import os
import struct

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["violation", "wrong-answer"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


def frame(header, body=b""):
    text = json.dumps(header).encode()
    return struct.pack("!II", len(text), len(body)) + text + body


def solve(seed, x_batch, y_batch, lr):
    for number in range(1, 3):
        returned = {
            "type": "float",
            "dtype": "float64",
            "shape": [2],
            "array": {"dtype": "float64", "shape": [2]},
        }
        os.write(
            3, frame({"kind": "answer", "number": number, "returned": returned, "events": []}, bytes(16))
        )
    os.write(3, frame({"kind": "verdict", "verdict": "accepted"}))
    return [0.0, 0.0]
