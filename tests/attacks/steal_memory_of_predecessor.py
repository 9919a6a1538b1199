"""Looks in memory for what the submission before it has left there"""

import gc

import numpy as np

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "token",
    "bound_s": 6,
    "control": "naive",
    "runs": 2,
}


HOARD = ["@TOKEN@" * 3 for _ in range(5)]


def solve(seed, x_batch, y_batch, lr):
    for thing in gc.get_objects():
        if isinstance(thing, list) and thing and isinstance(thing[0], str) and thing[0].startswith("token"):
            print(thing[0])
    rest = np.empty(30_000_000, dtype=np.uint8).tobytes()
    at = rest.find(b"token")
    print(rest[at : at + 60] if at >= 0 else "")
    return [0.0, 0.0]
