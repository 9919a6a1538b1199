"""Writes into another process's memory with process_vm_writev"""

import ctypes

ATTACK = {
    "group": "tamper",
    "verdicts": ["violation"],
    "witness": "victim",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(b"x" * 32)
    here = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 32)
    there = (ctypes.c_size_t * 2)(int("@VICTIM_ADDRESS@"), 32)
    libc.process_vm_writev(int("@VICTIM_PID@"), here, 1, there, 1, 0)
    return [0.0, 0.0]
