"""Sends lists where there should be text, and text where there should be numbers"""

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
    header = {"kind": "answer", "number": 1, "raised": {"types": "x", "text": [1], "frames": {"line": "one"}}}
    text = json.dumps(header | {"events": "none"}).encode()
    os.write(3, struct.pack("!II", len(text), 0) + text)
    return [0.0, 0.0]
