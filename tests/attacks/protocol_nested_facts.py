"""Sends facts that are nested just deep enough to be parsed"""

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
    deep = b'{"a": ' * 960 + b"0" + b"}" * 960
    returned = (
        b'{"type": "float", "dtype": "float64", "shape": [2], "array": {"dtype": "float64", "shape": [2]}}'
    )
    text = b'{"kind": "answer", "number": %d, "returned": %b, "events": [{"kind": "bomb", "line": 1, "facts": %b}]}'
    text %= (len(calls), returned, deep)
    os.write(3, struct.pack("!II", len(text), 16) + text + bytes(16))
    if os.read(3, 1 << 16) and len(calls) < 9:
        return solve(seed, x_batch, y_batch, lr)
    os._exit(3)
