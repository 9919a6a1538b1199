"""Installs a system call filter of its own"""

import ctypes
import struct
import time

ATTACK = {
    "group": "escape",
    "verdicts": ["violation"],
    "witness": "process",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    time.sleep(0.25)
    program = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0x7FFF0000), 8)
    header = struct.pack("=H6xQ", 1, ctypes.addressof(program))
    libc.prctl(38, 1, 0, 0, 0)
    libc.syscall(int("@SYS_SECCOMP@"), 1, 0, header)
    time.sleep(0.25)
    return [0.0, 0.0]
