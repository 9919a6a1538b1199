"""Opens a file for writing with the calls that are rarely used for it"""

import ctypes
import os
import struct

ATTACK = {
    "group": "tamper",
    "verdicts": ["wrong-answer", "violation"],
    "witness": "canary",
    "bound_s": 5,
}


def solve(seed, x_batch, y_batch, lr):
    libc = ctypes.CDLL(None, use_errno=True)
    path, folder = b"@CANARY_PATH@", b"@CANARY_DIR@"
    how = ctypes.create_string_buffer(struct.pack("=3Q", os.O_WRONLY | os.O_APPEND, 0, 0), 24)
    opened = [libc.syscall(437, -100, path, how, ctypes.c_size_t(24))]  # openat2 has this number everywhere
    opened.append(libc.open(path, os.O_RDWR | os.O_APPEND))
    opened.append(libc.openat(-100, path, os.O_WRONLY | os.O_APPEND | os.O_SYNC))
    nothing = libc.open(b"/dev/null", os.O_RDONLY)
    opened.append(libc.openat(nothing, path, os.O_WRONLY | os.O_APPEND))
    opened.append(libc.creat(folder + b"/made", 0o666))
    nameless = libc.open(folder, os.O_TMPFILE | os.O_RDWR, 0o666)
    if nameless >= 0:
        libc.linkat(nameless, b"", -100, folder + b"/linked", 0x1000)
    libc.mknod(folder + b"/node", 0o100666, 0)
    for fd in opened:
        if fd >= 0:
            os.write(fd, b"changed")
    return [0.0, 0.0]
