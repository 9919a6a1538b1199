"""Collects the files that a batch grades, in order, each with its name in a results folder."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

from judge.model import UsageError
from judge.submission import is_notebook
from judge.walk import walk

SKIPPED_FOLDERS = ("__pycache__",)


@dataclass(frozen=True)
class Entry:
    """One submission of a batch.

    ``path`` is as it was given (the argument and, in a folder, the path below it); ``key`` is a relative path with
    ``/`` between its parts, unique among the entries and the same in every run from the same folder. ``below`` is the
    named folder that holds the file: links on the way from there are not followed. None for a file named itself.
    """

    path: Path
    key: str
    below: Path | None = None

    @property
    def shown(self) -> str:
        return os.fspath(self.path)


def collect(
    paths: Sequence[Path],
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    warn: Callable[[str], None] = lambda line: None,
) -> list[Entry]:
    """Return the named files, and every ``*.py`` and ``*.ipynb`` in the named folders, sorted within each.

    Each file comes once.

    The globs filter the contents of folders, never a file that was named itself. ``warn`` is called with folders that
    cannot be listed. Raises UsageError, naming all missing paths, or when nothing is left to grade.
    """
    gone = [os.fspath(path) for path in paths if not os.path.lexists(path)]
    if gone:
        raise UsageError("\n".join(f"{path}: no such file or folder" for path in gone))
    found: dict[Path, Entry] = {}
    for argument in paths:
        is_folder = argument.is_dir()
        inside = _in_folder(argument, include, exclude, warn) if is_folder else [argument]
        for path in inside:
            entry = Entry(path, _key(path, argument), argument if is_folder else None)
            found.setdefault(_identity(path), entry)
    if not found:
        filtered = " that --include and --exclude let through" if include or exclude else ""
        raise UsageError(f"no .py or .ipynb file{filtered} in {', '.join(os.fspath(path) for path in paths)}")
    return _told_apart(found)


def _in_folder(
    folder: Path, include: Sequence[str], exclude: Sequence[str], warn: Callable[[str], None]
) -> list[Path]:
    found = [
        place / name
        for place, files in walk(folder, enters=_is_searched, warn=warn)
        for name in files
        if name.endswith(".py") or is_notebook(name)
    ]
    return sorted(path for path in found if _wanted(path.relative_to(folder), include, exclude))


def _is_searched(name: str) -> bool:
    return not name.startswith(".") and name not in SKIPPED_FOLDERS


def _wanted(path: PurePath, include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Return whether the globs select a file, by its path in the folder, its name, or those of a folder above it."""
    steps = [step for step in (path, *path.parents) if step.name]
    spoken = {text for step in steps for text in (step.as_posix(), step.name)}

    def fits(globs: Sequence[str]) -> bool:
        return any(fnmatchcase(text, glob.rstrip("/")) for glob in globs for text in spoken)

    return (not include or fits(include)) and not fits(exclude)


def _identity(path: Path) -> Path:
    """Return a path that is equal for two spellings of one file; a link differs from its target: it is not followed."""
    return Path(os.path.realpath(path.parent)) / path.name


def _key(path: Path, argument: Path) -> str:
    """Return the path relative to the current folder, or to the argument's parent when it lies elsewhere."""
    absolute, here = Path(os.path.abspath(path)), Path.cwd()
    if absolute.is_relative_to(here):
        return absolute.relative_to(here).as_posix()
    return absolute.relative_to(Path(os.path.abspath(argument)).parent).as_posix()


def _told_apart(found: dict[Path, Entry]) -> list[Entry]:
    """Add a digest of the whole path to keys that are equal, or equal on a file system that ignores letter case."""
    counts = Counter(entry.key.casefold() for entry in found.values())
    return [
        entry if counts[entry.key.casefold()] == 1 else replace(entry, key=f"{entry.key}~{_digest(identity)}")
        for identity, entry in found.items()
    ]


def _digest(identity: Path) -> str:
    return hashlib.sha256(os.fsencode(identity)).hexdigest()[:12]
