"""Makes a process that is about to be stopped write the lines where it is, however deep in a library it hangs.

The keeper sends a signal, and Python's own handler (faulthandler) writes the stack of the main thread from within the
signal, without running any Python code.  The process may have replaced the handler, and it can write such lines
itself: what arrives is a claim.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal

ASKS = signal.SIGUSR1


def answer_on(fd: int) -> None:
    """From now on, write the stack to this descriptor when asked; without that the process would end."""
    faulthandler.register(ASKS, file=fd, all_threads=False)


def ask(pid: int) -> None:
    """Ask a process where it is."""
    with contextlib.suppress(OSError):  # it has ended meanwhile
        os.kill(pid, ASKS)
