"""The standard streams as a command finds them: closed, full, or of an encoding that lacks most characters.

Theory of operation.  A report that cannot be printed is a failure of the judge (exit status 3), said in one line on
stderr.  What cannot be said on stderr is lost and changes nothing.  A descriptor of 0 to 2 that is closed is opened on
/dev/null first: otherwise the next socket would get its number, and what is printed would end up in there.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, TextIO, TypeVar, cast

T = TypeVar("T")


class CannotPrintError(Exception):
    """What was to be printed did not get to stdout; the text says why."""


class _Output:
    """stdout, whose failures say what they are. A reader that has gone stays a BrokenPipeError."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return _said(lambda: self._stream.write(text))

    def flush(self) -> None:
        _said(self._stream.flush)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Side:
    """stderr, whose failures change nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Closed(io.TextIOBase):
    """In place of a stdout that was closed before the judge began."""

    def write(self, text: str) -> int:
        raise CannotPrintError("stdout is closed")


def _said(action: Callable[[], T]) -> T:
    try:
        return action()
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        raise CannotPrintError(getattr(error, "strerror", None) or str(error)) from None


@contextlib.contextmanager
def usable() -> Iterator[None]:
    """While inside, both streams can be written to as usual, whatever they are."""
    before = sys.stdout, sys.stderr
    _fill_descriptors()
    sys.stdout = cast(TextIO, _Closed() if sys.stdout is None else _Output(_tolerant(sys.stdout)))
    sys.stderr = cast(TextIO, _Side(io.StringIO() if sys.stderr is None else _tolerant(sys.stderr)))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _fill_descriptors() -> None:
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError as error:
            if error.errno == errno.EBADF:
                os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one


def _tolerant(stream: TextIO) -> TextIO:
    """The stream, which spells out what its encoding lacks."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def print_document(text: str) -> None:
    """Print what a file would hold: as UTF-8, whatever the terminal's encoding is."""
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    sys.stdout.flush()
    _said(lambda: binary.write(text.encode("utf-8", "backslashreplace")))
    _said(binary.flush)


def abandon_output() -> None:
    """Drop what is still to be printed, so that the end of the process does not try it once more."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
