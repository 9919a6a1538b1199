"""Walking through folders that learners may have made: without recursion, and no deeper than a limit."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

MAX_DEPTH = 64
"""The depth of nested folders. `os.walk` recurses on Python 3.11, and the kernel limits the length of a path."""


def walk(
    folder: Path,
    *,
    enters: Callable[[str], bool] = lambda name: True,
    warn: Callable[[str], None] = lambda line: None,
    skip: Callable[[Path], None] = lambda folder: None,
) -> Iterator[tuple[Path, list[str]]]:
    """Yield each folder at or below ``folder`` with the names of its files; links are not followed.

    ``enters(name)`` decides which folders are entered, ``skip(folder)`` is called for the others. ``warn(line)`` is
    called for folders that cannot be listed and for those that are too deep.
    """
    waiting = [(folder, 0)]
    while waiting:
        place, depth = waiting.pop()
        if depth > MAX_DEPTH:
            warn(f"{place}: this folder lies deeper than {MAX_DEPTH} folders; nothing in it is graded")
            continue
        try:
            with os.scandir(place) as entries:
                found = [(entry.name, _is_folder(entry), entry.is_symlink()) for entry in entries]
        except OSError as error:
            warn(f"{place}: this folder cannot be listed ({error.strerror}); nothing in it is graded")
            continue
        yield place, [name for name, is_folder, _ in found if not is_folder]
        for name in [name for name, is_folder, is_link in found if is_folder and not is_link]:
            if enters(name):
                waiting.append((place / name, depth + 1))
            else:
                skip(place / name)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # for example a link to itself
        return False
