"""Has many threads wait for each other's processor, so that waiting looks like the machine's fault"""

import hashlib
import threading
import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["time-limit"],
    "witness": "time",
    "limits": {"wall_s": 1.0, "total_wall_s": 1.2},
    "bound_s": 6,
}


def bursts():
    data = bytes(200_000)
    while True:
        hashlib.sha256(data)  # without the interpreter's lock
        time.sleep(0.001)


def solve(seed, x_batch, y_batch, lr):
    for _ in range(40):
        threading.Thread(target=bursts, daemon=True).start()
    time.sleep(2.8)
    return [0.0, 0.0]
