"""Drops files for the next submission, which looks for them"""

import contextlib
import pathlib

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer", "runtime-error"],
    "witness": "token",
    "bound_s": 6,
    "runs": 2,
}


FOLDERS = ["/tmp", "/var/tmp", "/dev/shm", "/run/lock", "@CANARY_DIR@", "."]


def solve(seed, x_batch, y_batch, lr):
    for folder in FOLDERS:
        place = pathlib.Path(folder, "@MARKER@-drop")
        with contextlib.suppress(OSError):
            if "@TOKEN@":
                place.write_text("@TOKEN@")
            else:
                print(place.read_text())
    return [0.0, 0.0]
