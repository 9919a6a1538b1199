"""Shows the progress of long work, always on stderr: a spinner or a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, TypeAlias


@contextlib.contextmanager
def status(text: str) -> Iterator[Callable[[str], None]]:
    """Show a spinner beside ``text`` while the block runs; nothing when stderr is not a terminal.

    Yields a function that adds what is being done now, such as ``case 3 of 20``.
    """
    if not sys.stderr.isatty():
        yield lambda stage: None
        return
    from rich.console import Console
    from rich.text import Text

    from judge.reports.escape import visible

    with Console(stderr=True).status(Text(visible(text))) as spinner:
        yield lambda stage: spinner.update(Text(visible(f"{text}: {stage}")))


def notify(sentences: Iterable[str]) -> None:
    """Print each sentence on a line of stderr, on a terminal and elsewhere."""
    from judge.reports.escape import visible

    for sentence in sentences:
        sys.stderr.write(f"judge: {visible(sentence)}\n")
    sys.stderr.flush()


@contextlib.contextmanager
def compiling() -> Iterator[Callable[[int, int], None]]:
    """Yield the callback for `judge.Grader.prepare`: a counting line on a terminal, a line now and then elsewhere.

    Nothing is shown when it is never called, because everything is compiled already.
    """
    began = last = time.monotonic()
    told_before = False

    def tell(done: int, of: int) -> None:
        nonlocal told_before, last
        now = time.monotonic()
        text = f"compiling for this machine, once: {done} of {of}{_left(now - began, done, of)}"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{text}\x1b[K" if done < of else "\r\x1b[K")
        elif not told_before or now - last >= _LINE_EVERY_S:
            sys.stderr.write(f"judge: {text}\n")
            last = now
        sys.stderr.flush()
        told_before = True

    yield tell


def _left(passed_s: float, done: int, of: int) -> str:
    """Return ``, about 40 s left``, from how long it has taken here so far; '' before anything is done."""
    return f", about {passed_s / done * (of - done):.0f} s left" if 0 < done < of else ""


if TYPE_CHECKING:
    from rich.progress import Progress

Step: TypeAlias = Callable[[str], None]
"""Called once per finished piece of work, with a word on it."""

_LINE_EVERY_S = 10.0


@contextmanager
def progress(title: str, total: int | None, stream: TextIO | None = None) -> Iterator[Step]:
    """Show a bar or lines for ``total`` steps (None: unknown); yield the function that counts one."""
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
