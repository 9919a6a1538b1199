"""Showing that long work goes on: on stderr, only on a terminal, gone when the work is done."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator


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


def notify(sentences: Iterable[str]) -> None:
    """One line on stderr for each, on a terminal and elsewhere."""
    from judge.reports.escape import visible

    for sentence in sentences:
        sys.stderr.write(f"judge: {visible(sentence)}\n")
    sys.stderr.flush()


@contextlib.contextmanager
def compiling() -> Iterator[Callable[[int, int], None]]:
    """Yields what `judge.Grader.prepare` is to tell: a line that counts on a terminal, one line elsewhere.

    Nothing is shown when it tells nothing, because everything is there already.
    """
    told_before = False

    def tell(done: int, of: int) -> None:
        nonlocal told_before
        if sys.stderr.isatty():
            text = f"compiling for this machine, once: {done} of {of}"
            sys.stderr.write(f"\r{text}\x1b[K" if done < of else "\r\x1b[K")
        elif not told_before:
            sys.stderr.write("judge: compiling for this machine, once; it takes about a minute\n")
        sys.stderr.flush()
        told_before = True

    yield tell
