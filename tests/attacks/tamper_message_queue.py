"""Sends a message to a queue of the host"""

import ctypes
import struct

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer"],
    "witness": "canary",
    "bound_s": 5,
    "needs": ["system-v"],
}


def solve(seed, x_batch, y_batch, lr):
    ctypes.CDLL(None, use_errno=True).msgsnd(int("@QUEUE_ID@"), struct.pack("=q8s", 1, b"attack"), 8, 0o4000)
    return [0.0, 0.0]
