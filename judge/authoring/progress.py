"""Progress of long work: a bar on a terminal, a line now and then in a log, always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, TypeAlias

if TYPE_CHECKING:
    from rich.progress import Progress

Step: TypeAlias = Callable[[str], None]
"""Called once per finished piece of work, with a word on it."""

_LINE_EVERY_S = 10.0


@contextmanager
def progress(title: str, total: int | None, stream: TextIO | None = None) -> Iterator[Step]:
    """A bar or lines for ``total`` steps (None: an unknown number); yields the function that counts one."""
    stream = stream or sys.stderr
    if total == 0:
        yield lambda word: None
    elif stream.isatty():
        with _bar(stream) as bar:
            task = bar.add_task(title, total=total, word="")
            yield lambda word: bar.update(task, advance=1, word=word)
    else:
        yield _lines(title, total, stream)


def _bar(stream: TextIO) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[word]}", markup=False),
        console=Console(file=stream),
        transient=True,
    )


def _lines(title: str, total: int | None, stream: TextIO) -> Step:
    done, last = 0, time.monotonic()

    def step(word: str) -> None:
        nonlocal done, last
        done += 1
        now = time.monotonic()
        if done == total or now - last >= _LINE_EVERY_S:
            last = now
            of = f"/{total}" if total is not None else ""
            print(f"{title}: {done}{of} {word}".rstrip(), file=stream, flush=True)

    return step
