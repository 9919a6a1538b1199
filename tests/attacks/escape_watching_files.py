"""Has the kernel tell it what happens to files, timers and events elsewhere"""

import ctypes
import time

ATTACK = {
    "group": "escape",
    "verdicts": ["wrong-answer"],
    "witness": "descriptor",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.inotify_init()
    libc.inotify_add_watch(fd, b"/tmp", 0xFFF)
    libc.eventfd(0, 0)
    libc.timerfd_create(1, 0)
    time.sleep(0.2)
    return [0.0, 0.0]
