"""Writes into another process's memory as a debugger"""

import ctypes
import os

ATTACK = {
    "group": "tamper",
    "verdicts": ["violation"],
    "witness": "victim",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    if libc.ptrace(16, int("@VICTIM_PID@"), None, None) == 0:
        os.waitpid(int("@VICTIM_PID@"), 0x40000000)
        libc.ptrace(5, int("@VICTIM_PID@"), int("@VICTIM_ADDRESS@"), 0x4141414141414141)
        libc.ptrace(17, int("@VICTIM_PID@"), None, None)
    return [0.0, 0.0]
