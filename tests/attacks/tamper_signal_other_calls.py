"""Sends signals with the calls that are rarely used"""

import ctypes

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "victim",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    for number in (10, 12):
        libc.syscall(int("@SYS_TGKILL@"), int("@VICTIM_PID@"), int("@VICTIM_PID@"), number)
        libc.syscall(int("@SYS_TKILL@"), int("@VICTIM_PID@"), number)
        libc.sigqueue(int("@VICTIM_PID@"), number, ctypes.c_void_p(0))
        pidfd = libc.syscall(int("@SYS_PIDFD_OPEN@"), int("@VICTIM_PID@"), 0)
        libc.syscall(int("@SYS_PIDFD_SEND_SIGNAL@"), pidfd, number, None, 0)
    return [0.0, 0.0]
