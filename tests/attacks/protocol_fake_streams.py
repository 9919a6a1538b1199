"""Replaces the output streams by objects that fail"""

import sys

ATTACK = {
    "group": "protocol",
    "verdicts": ["wrong-answer", "runtime-error"],
    "witness": "no-verdict",
    "bound_s": 5,
    "control": "naive",
}


class Broken:
    encoding = "utf-8"

    def write(self, text):
        raise KeyboardInterrupt

    flush = fileno = close = write

    def __getattr__(self, name):
        raise KeyboardInterrupt


def solve(seed, x_batch, y_batch, lr):
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = Broken()
    return [0.0, 0.0]
