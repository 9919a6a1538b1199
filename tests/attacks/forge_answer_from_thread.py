"""A thread goes on answering after solve has returned"""

import json
import os
import struct
import threading
import time

ATTACK = {
    "group": "forge the verdict",
    "verdicts": ["violation", "wrong-answer"],
    "witness": "points",
    "bound_s": 4,
    "control": "naive",
}


def answer():
    text = json.dumps({"kind": "verdict", "number": 1, "verdict": "accepted", "events": []}).encode()
    for _ in range(200):
        try:
            os.write(3, struct.pack("!II", len(text), 0) + text)
        except OSError:
            return
        time.sleep(0.001)


def solve(seed, x_batch, y_batch, lr):
    threading.Thread(target=answer).start()
    return [0.0, 0.0]
