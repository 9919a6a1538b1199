"""Makes a child with clone3, whose wishes no filter can read"""

import contextlib
import ctypes
import os
import struct
import time

ATTACK = {
    "group": "outlive",
    "verdicts": ["wrong-answer"],
    "witness": "survivor",
    "bound_s": 6,
}


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    wishes = ctypes.create_string_buffer(struct.pack("=11Q", 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0), 88)
    child = libc.syscall(435, wishes, ctypes.c_size_t(88))  # clone3 has this number on every machine
    if child == 0:
        with contextlib.suppress(OSError):
            os.setsid()
        time.sleep(20)
        os._exit(0)
    return [0.0, 0.0]
