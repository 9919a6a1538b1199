"""Writes into another process's memory through /proc"""

import contextlib

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "victim",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError), open("/proc/@VICTIM_PID@/mem", "r+b", buffering=0) as memory:
        memory.seek(int("@VICTIM_ADDRESS@"))
        memory.write(b"overwritten")
    return [0.0, 0.0]
