"""A process on the host that attacks can target: it holds secrets, and reports the signals that reach it.

Run as a program. Reads one line of JSON (``memory`` and ``file``: secrets) from stdin, writes one line of JSON about
the places where it keeps them, and then one byte, the signal's number, for each signal.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time

SIGNALS = (
    "SIGUSR1",
    "SIGUSR2",
    "SIGTERM",
    "SIGINT",
    "SIGHUP",
    "SIGCONT",
    "SIGALRM",
    "SIGIO",
    "SIGWINCH",
    "SIGURG",
)


def main() -> None:
    for name in SIGNALS:
        signal.signal(getattr(signal, name), lambda number, frame: _tell(number))
    secrets = json.loads(sys.stdin.readline())
    held = ctypes.create_string_buffer(secrets["memory"].encode())
    fd = -1
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("held")
        os.write(fd, secrets["file"].encode())
    place = {"address": ctypes.addressof(held), "size": len(secrets["memory"]), "fd": fd}
    os.write(1, json.dumps(place).encode() + b"\n")
    while True:
        time.sleep(3600)


def _tell(number: int) -> None:
    os.write(1, bytes([number]))


if __name__ == "__main__":
    main()
