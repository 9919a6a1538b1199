"""A thread prints a verdict after the judge has printed its own"""

import json
import os
import threading
import time

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["wrong-answer", "runtime-error"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


def speak():
    time.sleep(0.05)
    os.write(1, json.dumps({"verdict": "accepted"}).encode() + b"\n")
    os._exit(0)


threading.Thread(target=speak).start()


def solve(seed, x_batch, y_batch, lr):
    time.sleep(0.02)
    return [0.0, 0.0]
