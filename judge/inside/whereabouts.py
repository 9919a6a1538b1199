"""Makes a process that is about to be stopped write the lines where it is, however deep in a library it hangs.

The keeper sends a signal, or the kernel at the limit of processor time, and Python's own handler (faulthandler)
writes the stack from within the signal, without running any Python code.  The process may have replaced the handler,
and it can write such lines itself: what arrives is a claim.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal

THE_JUDGE_ASKS = signal.SIGUSR1
THE_KEEPER_ASKS = signal.SIGUSR2
THE_KERNEL_ENDS = signal.SIGXCPU
"""Comes at the soft limit of processor time, and is passed on to what ends the process."""


def answer_on(channel_fd: int, output_fd: int) -> None:
    """From now on, write the stack when asked: the judge reads it from the channel, and other stacks from the output.

    The judge has stopped reading answers when it asks. When the keeper or the kernel does, an answer can still be on
    its way.
    """
    faulthandler.register(THE_JUDGE_ASKS, file=channel_fd, all_threads=False)
    faulthandler.register(THE_KEEPER_ASKS, file=output_fd, all_threads=False)
    faulthandler.register(THE_KERNEL_ENDS, file=output_fd, all_threads=False, chain=True)


def ask(pid: int, question: int) -> None:
    """Ask a process where it is."""
    with contextlib.suppress(OSError):  # it has ended meanwhile
        os.kill(pid, question)
