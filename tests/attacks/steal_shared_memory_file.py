"""Looks through the shared memory of the host"""

import os
import pathlib

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer"],
    "witness": "secret",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    try:
        names = os.listdir("/dev/shm")
    except OSError:
        names = []
    for path in ["@SHM_PATH@", *(f"/dev/shm/{name}" for name in names)]:
        try:
            print(pathlib.Path(path).read_bytes()[:100])
        except OSError:
            continue
    return [0.0, 0.0]
