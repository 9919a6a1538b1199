"""Makes namespaces of its own, where it has all capabilities"""

import ctypes
import time

ATTACK = {
    "group": "escape",
    "verdicts": ["violation"],
    "witness": "process",
    "bound_s": 5,
    "needs": ["namespaces"],
}


def solve(seed, x_batch, y_batch, lr):
    time.sleep(0.25)
    ctypes.CDLL(None, use_errno=True).unshare(0x10000000 | 0x00020000 | 0x40000000)
    time.sleep(0.25)
    return [0.0, 0.0]
