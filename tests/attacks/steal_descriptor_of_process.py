"""Takes a descriptor from another process with pidfd_getfd"""

import ctypes
import os

ATTACK = {
    "group": "steal answers",
    "verdicts": ["violation"],
    "witness": "secret",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    pidfd = libc.syscall(int("@SYS_PIDFD_OPEN@"), int("@VICTIM_PID@"), 0)
    fd = libc.syscall(int("@SYS_PIDFD_GETFD@"), pidfd, int("@VICTIM_FD@"), 0)
    if fd >= 0:
        print(os.pread(fd, 100, 0))
    return [0.0, 0.0]
