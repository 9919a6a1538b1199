"""Mounts over what it sees"""

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
    libc = ctypes.CDLL(None, use_errno=True)
    time.sleep(0.25)
    libc.unshare(0x00020000)
    libc.mount(b"none", b"/", None, 0x4000 | 0x40000, None)
    libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)
    libc.unshare(0x10000000)
    time.sleep(0.25)
    return [0.0, 0.0]
