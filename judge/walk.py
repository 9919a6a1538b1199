"""Walking through folders that learners may have made: without recursion, and no deeper than a limit."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

MAX_DEPTH = 64
"""Of folders within each other. `os.walk` recurses on Python 3.11, and a path has an end in the kernel."""


def walk(
    folder: Path,
    *,
    enters: Callable[[str], bool] = lambda name: True,
    warn: Callable[[str], None] = lambda line: None,
) -> Iterator[tuple[Path, list[str]]]:
    """Each folder at or below ``folder`` with the names of its files; links are not followed.

    ``enters`` says by its name which folder is looked into. ``warn`` hears of folders that cannot be listed and of
    those that lie too deep.
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
        waiting += [
            (place / name, depth + 1)
            for name, is_folder, is_link in found
            if is_folder and not is_link and enters(name)
        ]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # such as a link that leads to itself
        return False
