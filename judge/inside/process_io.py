"""Communication of an inside process with the judge, and its fork."""

from __future__ import annotations

import os
import warnings
from typing import Any

from judge import wire


class Channel:
    """Blocking frames over one descriptor, with plain read and write: the sandbox allows nothing else on it."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._reader = wire.FrameReader(wire.Caps(header_bytes=1 << 20, body_bytes=1 << 28))
        self._waiting: list[wire.Frame] = []

    def receive(self) -> wire.Frame | None:
        """Return the next frame, or None when the judge has closed the channel."""
        while not self._waiting:
            data = os.read(self._fd, 1 << 16)
            if not data:
                return None
            self._waiting.extend(self._reader.feed(data))
        return self._waiting.pop(0)

    def send(self, header: dict[str, Any], body: bytes = b"") -> None:
        view = memoryview(wire.pack(header, body))
        while view:
            view = view[os.write(self._fd, view) :]


def fork() -> int:
    """``os.fork`` without the warnings of jax and Python, which would fill a pipe that nothing reads.

    The warnings are true: locks that other threads hold stay locked in the child.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return os.fork()
