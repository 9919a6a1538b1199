"""Starts a process with multiprocessing and forgets it"""

import multiprocessing
import os
import time

ATTACK = {
    "group": "outlive",
    "verdicts": ["wrong-answer", "runtime-error"],
    "witness": "survivor",
    "bound_s": 6,
}


def linger():
    os.setsid()
    time.sleep(20)


def solve(seed, x_batch, y_batch, lr):
    multiprocessing.get_context("fork").Process(target=linger).start()
    return [0.0, 0.0]
