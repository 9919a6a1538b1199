"""Offers another process to the kernel when memory runs out"""

import contextlib
import pathlib

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "victim",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/@VICTIM_PID@/oom_score_adj").write_text("777")
    return [0.0, 0.0]
