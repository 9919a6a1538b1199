"""The description of a process that died before it did its work: its last output, and the installed versions."""

from __future__ import annotations

import signal

from judge.sandbox.versions import LIBRARIES, installed

LINES = 4
LINE_CHARS = 300
STACK = ("@ 0x", "*** ")
"""Beginnings of the lines of a native stack: it stands below the error message, and does not help."""


def last_lines(printed: str) -> str:
    """Return the last lines, joined into one; empty when nothing was printed."""
    lines = [line.strip()[:LINE_CHARS] for line in printed.splitlines()]
    return " | ".join([line for line in lines if line and not line.startswith(STACK)][-LINES:])


def in_words(exit_code: int | None, number: int | None) -> str:
    """Describe an exit: ``exit status 1`` or ``signal SIGABRT``; empty when it is not known."""
    if number is not None:
        known = {int(known): known.name for known in signal.Signals}
        return f"signal {known.get(number, number)}"
    return "" if exit_code is None else f"exit status {exit_code}"


def here() -> str:
    """Return the versions of Python and the libraries, and the remedy when they are incompatible."""
    found = installed()
    named = ", ".join(f"{name} {found.get(name, 'missing')}" for name in LIBRARIES)
    return (
        f"here are Python {found['python']}, {named}; "
        "'pip install -c constraints.txt .' installs versions that are known to work"
    )
