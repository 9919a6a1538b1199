"""Watches other processes through perf_event_open"""

import ctypes
import struct
import time

ATTACK = {
    "group": "escape",
    "verdicts": ["violation"],
    "witness": "descriptor",
    "bound_s": 5,
    "needs": ["root"],
}


def solve(seed, x_batch, y_batch, lr):
    attributes = ctypes.create_string_buffer(struct.pack("=IIQ", 1, 128, 0), 128)
    ctypes.CDLL(None, use_errno=True).syscall(int("@SYS_PERF_EVENT_OPEN@"), attributes, 0, -1, -1, 0)
    time.sleep(0.2)
    return [0.0, 0.0]
