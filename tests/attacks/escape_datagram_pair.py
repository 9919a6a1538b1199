"""Sends from one end of its own pair of sockets to a socket in the file system"""

import contextlib
import ctypes
import socket

ATTACK = {
    "group": "escape",
    "verdicts": ["wrong-answer"],
    "witness": "listener",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_STREAM):
        with contextlib.suppress(OSError):
            ours, _ = socket.socketpair(socket.AF_UNIX, kind)
            ours.sendto(b"hello", "@DATAGRAM_PATH@")
        with contextlib.suppress(OSError):
            ours, _ = socket.socketpair(socket.AF_UNIX, kind)
            ours.sendmsg([b"hello"], [], 0, "@DATAGRAM_PATH@")
        with contextlib.suppress(OSError):
            ours, _ = socket.socketpair(socket.AF_UNIX, kind)
            ours.connect("@DATAGRAM_PATH@")
            ours.send(b"hello")
    ctypes.set_errno(0)
    return [0.0, 0.0]
