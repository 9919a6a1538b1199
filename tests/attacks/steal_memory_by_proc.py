"""Reads another process's memory through /proc"""

import contextlib

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "secret",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError), open("/proc/@VICTIM_PID@/mem", "rb") as memory:
        memory.seek(int("@VICTIM_ADDRESS@"))
        print(memory.read(32))
    return [0.0, 0.0]
