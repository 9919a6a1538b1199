"""Writes files where everybody may write"""

import contextlib
import os
import pathlib

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "canary",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    with contextlib.suppress(OSError):
        pathlib.Path("@CANARY_PATH@").write_text("changed")
    with contextlib.suppress(OSError):
        pathlib.Path("@CANARY_DIR@/new").write_text("made")
    with contextlib.suppress(OSError):
        os.open("@CANARY_DIR@", os.O_TMPFILE | os.O_RDWR)
    return [0.0, 0.0]
