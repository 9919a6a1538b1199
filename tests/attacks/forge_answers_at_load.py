"""Answers all calls while its file is being loaded, before anybody has called anything"""

import contextlib
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


def send(header, body=b""):
    text = json.dumps(header).encode()
    with contextlib.suppress(OSError):
        os.write(3, struct.pack("!II", len(text), len(body)) + text + body)


send({"kind": "loaded", "events": []})
for number in (1, 2):
    array = {"dtype": "float64", "shape": [2]}
    returned = {"type": "list", "dtype": "float64", "shape": [2], "array": array}
    send({"kind": "answer", "number": number, "returned": returned, "events": []}, bytes(16))
send({"kind": "verdict", "number": 1, "verdict": "accepted", "events": []})


def solve(seed, x_batch, y_batch, lr):
    return [0.0, 0.0]
