"""Reads the lines of the submission out of the stack that a stopped process wrote."""

from __future__ import annotations

import re

from judge.model import ClaimedFrame
from judge.wire import FILENAME

BEGIN = b"Stack (most recent call first):"
MOST_FRAMES = 20
_FRAME = re.compile(rb'  File "' + re.escape(FILENAME.encode()) + rb'", line (\d{1,6}) in ([^\n]{1,300})\n')


def cut_from(output: bytearray) -> bytes:
    """Remove the stack that an output ends with, and return it; empty where it ends with none."""
    start = output.rfind(BEGIN)
    stack = bytes(output[start:]) if start >= 0 else b""
    del output[len(output) - len(stack) :]
    return stack


def frames_in(said: bytes) -> tuple[ClaimedFrame, ...]:
    """Return the frames of the submission's own file, outermost first; none where there is no stack."""
    _, begin, stack = said.partition(BEGIN)
    if not begin:
        return ()
    found = _FRAME.findall(stack)[:MOST_FRAMES]
    return tuple(ClaimedFrame(int(line), name.decode("ascii", "replace")) for line, name in reversed(found))
