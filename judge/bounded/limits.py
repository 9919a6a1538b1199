"""The limits of one piece of work, and the outcomes that its keeper reports."""

from __future__ import annotations

import struct

CPU_S = 2
MEMORY_MIB = 48
"""In addition to what the server holds anyway."""
MEMORY_MIB_OF = {"notebook": 256}
"""Of work that needs more: a notebook's file is larger than any source, and its outputs are read with the rest."""

TRAILER = struct.Struct("!B")
"""The last byte of an answer."""
DONE, RAISED, TOO_MUCH, LOST = range(4)
OUT_OF_MEMORY = 77
"""The exit status of a worker that ran out of memory, perhaps even for reporting it."""
