"""Writes what it was given into what is recorded for the diagnosis, in every field that there is"""

import contextlib
import sys

import numpy as np

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "hidden",
    "bound_s": 6,
    "control": "naive",
}
KINDS = ("grad", "apply", "init", "opt-init", "opt-update", "input-mutated", "refused", "loss", "layer")


def solve(seed, x_batch, y_batch, lr):
    text = np.asarray(y_batch, dtype=np.float32).tobytes().hex()
    for name in ("judge.inside.worker", "__main__"):
        with contextlib.suppress(Exception):
            record = getattr(sys.modules[name], "RECORDER", None) or sys.modules[name].worker.RECORDER
            for kind in (*KINDS, text):
                record(kind, {"position": text, "path": [text], text: text, "class": text, "message": text})
    print(text)
    return [0.0, 0.0]
