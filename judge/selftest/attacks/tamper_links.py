"""Plants links that a judge which follows them would read or write through"""

import contextlib
import os

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "canary",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        os.symlink("/etc/passwd", "@CANARY_DIR@/report.json")
    with contextlib.suppress(OSError):
        os.link("@SECRET_PATH@", "@CANARY_DIR@/hard")
    return [0.0, 0.0]
