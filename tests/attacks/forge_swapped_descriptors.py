"""Swaps stdout and the judge's channel, and prints a verdict"""

import json
import os
import struct

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["violation"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


def solve(seed, x_batch, y_batch, lr):
    text = json.dumps({"kind": "verdict", "verdict": "accepted"}).encode()
    os.dup2(3, 1)
    os.write(1, struct.pack("!II", len(text), 0) + text)
    os.write(3, b"\n" + text + b"\n")
    return [0.0, 0.0]
