"""The XLA flags that this jaxlib knows.

XLA ends a process that is started with an unknown flag, and flags come and go between versions. So they are tried in
a forked child before anything is computed here, and those that its error message names are left out.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable

from judge.inside import process_io
from judge.inside.confinement import confine

VARIABLE = "XLA_FLAGS"
COMPLAINT = "in XLA_FLAGS:"
MAX_TEXT = 1 << 16


class NoBackend(Exception):
    """jax cannot compute here, whatever the flags; the text holds its output."""


def drop_unknown() -> list[str]:
    """Remove the flags that this jaxlib does not know from ``XLA_FLAGS``, and return them.

    Raises NoBackend when a child dies of another cause. Takes about 30 ms, and as much again when flags were removed.
    """
    dropped: list[str] = []
    while wanted := os.environ.get(VARIABLE, "").split():
        status, text = _try(_start_backend)
        if not status:
            break
        unknown = [flag for flag in wanted if flag in _blamed(text)]
        if not unknown:
            raise NoBackend(f"jax cannot start its backend (status {status}):\n{text}")
        dropped += unknown
        os.environ[VARIABLE] = " ".join(flag for flag in wanted if flag not in unknown)
    return dropped


def _blamed(text: str) -> list[str]:
    """Return the words after XLA's complaint about unknown flags."""
    return [word for line in text.splitlines() for word in line.partition(COMPLAINT)[2].split()]


def _start_backend() -> None:
    import jax

    jax.devices()


def _try(action: Callable[[], None]) -> tuple[int, str]:
    """Run the action in a forked child; return its exit status and the text that it printed.

    The status is 0 for success, and -N after signal N.
    """
    read_fd, write_fd = os.pipe()
    pid = process_io.fork()
    if not pid:
        status = 1
        try:
            confine.die_with_parent(None)
            signal.setitimer(signal.ITIMER_REAL, 0)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.dup2(write_fd, 2)
            action()
            status = 0
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(status)
    os.close(write_fd)
    with os.fdopen(read_fd, "rb") as pipe:
        text = pipe.read(MAX_TEXT)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), text.decode("utf-8", "replace")
