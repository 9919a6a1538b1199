"""Leaves files wherever programs leave files"""

import contextlib
import os
import pathlib
import tempfile

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer", "runtime-error"],
    "witness": "leftover",
    "bound_s": 5,
}


FOLDERS = [
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/dev/mqueue",
    "/run",
    "/run/lock",
    "/",
    ".",
    os.path.expanduser("~"),
]


def solve(seed, x_batch, y_batch, lr):
    for folder in FOLDERS:
        with contextlib.suppress(OSError):
            pathlib.Path(folder, "@MARKER@").write_text("left")
        with contextlib.suppress(OSError):
            tempfile.mkdtemp(prefix="@MARKER@", dir=folder)
    return [0.0, 0.0]
