"""Takes a name that is no text, and starts threads"""

import ctypes
import threading
import time

ATTACK = {
    "group": "exhaust",
    "verdicts": ["wrong-answer", "violation"],
    "witness": "tasks",
    "bound_s": 8,
    "limits": {"wall_s": 4.0},
}


def solve(seed, x_batch, y_batch, lr):
    ctypes.CDLL(None).prctl(15, b"\xff)\n\xfe", 0, 0, 0)
    threading.stack_size(1 << 16)
    try:
        for _ in range(180):
            threading.Thread(target=time.sleep, args=(2.0,), daemon=True).start()
    except RuntimeError:
        return [0.0, 0.0]
    time.sleep(1.6)
    return [0.0, 0.0]
