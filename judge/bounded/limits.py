"""What one piece of work may use, and how its keeper says what came of it."""

from __future__ import annotations

import struct

CPU_S = 2
MEMORY_MIB = 48
"""Beyond what the server holds anyway."""

TRAILER = struct.Struct("!B")
"""The last byte of an answer."""
DONE, RAISED, TOO_MUCH, LOST = range(4)
OUT_OF_MEMORY = 77
"""The exit status of a worker that had no room, not even to say so."""
