"""Gets handles of other processes"""

import ctypes
import os
import time

ATTACK = {
    "group": "escape",
    "verdicts": ["wrong-answer"],
    "witness": "descriptor",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    for pid in (int("@VICTIM_PID@"), int("@JUDGE_PID@"), os.getppid(), 1):
        libc.syscall(int("@SYS_PIDFD_OPEN@"), pid, 0)
    time.sleep(0.2)
    return [0.0, 0.0]
