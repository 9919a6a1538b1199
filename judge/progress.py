"""Showing that long work goes on: on stderr, only on a terminal, gone when the work is done."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def status(text: str) -> Iterator[None]:
    """A spinner beside ``text`` while the block runs; nothing at all when stderr is no terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.text import Text

    from judge.reports.escape import visible

    with Console(stderr=True).status(Text(visible(text))):
        yield
