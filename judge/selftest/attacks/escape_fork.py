"""Makes a second process, with each call that can"""

import contextlib
import ctypes
import os
import time

ATTACK = {
    "group": "escape",
    "verdicts": ["wrong-answer"],
    "witness": "process",
    "bound_s": 6,
}


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    clone_arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17)
    for way in (
        os.fork,
        lambda: libc.syscall(int("@SYS_CLONE@"), 17, None, None, None, None),
        lambda: libc.syscall(int("@SYS_CLONE3@"), clone_arguments, ctypes.sizeof(clone_arguments)),
    ):
        with contextlib.suppress(OSError):
            if way() == 0:
                time.sleep(0.4)
                os._exit(0)
    time.sleep(0.3)
    return [0.0, 0.0]
