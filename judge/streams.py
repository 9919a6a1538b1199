"""Standard streams that may be closed, full, or of an encoding that lacks most characters.

Theory of operation. A report that cannot be printed is a failure of the judge (exit status 3), reported in one line
on stderr. Text that cannot be written to stderr is lost and changes nothing. A closed descriptor of 0 to 2 is opened
on /dev/null first: otherwise the next socket would get its number, and printed text would be written to it.
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
    """Output could not be written to stdout; the text gives the reason."""


class _Output:
    """A stdout whose failures are CannotPrintError. A reader that has gone stays a BrokenPipeError."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return _said(lambda: self._stream.write(text))

    def flush(self) -> None:
        _said(self._stream.flush)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Side:
    """A stderr whose failures change nothing."""

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
    """Replaces a stdout that was closed before the judge began."""

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
    """Make both streams writable as usual during the block, whatever they are."""
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
                os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one


def _tolerant(stream: TextIO) -> TextIO:
    """Make the stream write escapes for characters that its encoding lacks, and return it."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def print_document(text: str) -> None:
    """Print a document as a file would hold it: as UTF-8, whatever the terminal's encoding is."""
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    sys.stdout.flush()
    _said(lambda: binary.write(text.encode("utf-8", "backslashreplace")))
    _said(binary.flush)


def abandon_output() -> None:
    """Drop pending output, so that the end of the process does not try to write it again."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
