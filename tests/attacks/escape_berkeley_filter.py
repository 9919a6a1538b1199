"""Loads data structures into the kernel with bpf"""

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
    attributes = ctypes.create_string_buffer(struct.pack("=5I", 2, 4, 4, 1, 0), 120)
    ctypes.CDLL(None, use_errno=True).syscall(int("@SYS_BPF@"), 0, attributes, 120)
    time.sleep(0.2)
    return [0.0, 0.0]
