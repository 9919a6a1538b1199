"""Has a hundred thousand events recorded"""

import json
import os
import struct

ATTACK = {
    "group": "protocol",
    "verdicts": ["wrong-answer", "violation"],
    "witness": "no-verdict",
    "bound_s": 6,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    event = {"kind": "tick", "line": 1, "facts": {}}
    text = json.dumps({"kind": "answer", "number": 1, "raised": {}, "events": [event] * 20_000}).encode()
    data = struct.pack("!II", len(text), 0) + text
    while data:
        data = data[os.write(3, data) :]
    return [0.0, 0.0]
