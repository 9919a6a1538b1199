"""Sends infinite numbers where a JSON reader may let them through"""

import os
import struct

ATTACK = {
    "group": "protocol",
    "verdicts": ["wrong-answer", "violation"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


calls = []


def solve(seed, x_batch, y_batch, lr):
    calls.append(1)
    returned = (
        b'{"type": "float", "dtype": "float64", "shape": [2], "array": {"dtype": "float64", "shape": [2]}}'
    )
    facts = b'{"line": 1e999, "loss": -1e999, "shapes": [1e999], "paths": {"x": 1e999}}'
    text = b'{"kind": "answer", "number": %d, "returned": %b, "events": [{"kind": "grad", "line": 1, "facts": %b}]}'
    text %= (len(calls), returned, facts)
    os.write(3, struct.pack("!II", len(text), 16) + text + bytes(16))
    if os.read(3, 1 << 16) and len(calls) < 9:
        return solve(seed, x_batch, y_batch, lr)
    os._exit(3)
