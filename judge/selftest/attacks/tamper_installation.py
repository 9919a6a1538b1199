"""Leaves code where every later Python would load it"""

import contextlib
import os
import pathlib

import numpy as np

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "leftover",
    "bound_s": 5,
    "needs": ["writable-installation"],
}


def solve(seed, x_batch, y_batch, lr):
    package = pathlib.Path(np.__file__).parent
    places = [package.parent / "@MARKER@.pth", package / "__pycache__" / "@MARKER@.pyc"]
    places += [
        pathlib.Path(os.__file__).parent / "@MARKER@.py",
        pathlib.Path("@PACKAGE_ROOT@/judge/@MARKER@.py"),
    ]
    for place in places:
        with contextlib.suppress(OSError):
            place.write_text("# nothing\n")
    return [0.0, 0.0]
