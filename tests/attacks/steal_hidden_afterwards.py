"""Remembers what it was given, and prints it when nobody listens any more: from a thread, late, and at the end"""

import atexit
import threading
import time

import numpy as np

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer", "runtime-error"],
    "witness": "hidden",
    "bound_s": 6,
    "control": "naive",
}

given = []


def tell():
    for array in list(given):
        print(array.tobytes().hex(), flush=True)


def later():
    while True:
        time.sleep(0.02)
        tell()


atexit.register(tell)
threading.Thread(target=later, daemon=True).start()


def solve(seed, x_batch, y_batch, lr):
    given.append(np.array(x_batch, dtype=np.float32))
    given.append(np.array(y_batch, dtype=np.float32))
    return [0.0, 0.0]
