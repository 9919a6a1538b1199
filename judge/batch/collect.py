"""Which files a batch grades, in which order, and under which name each is known in a results folder."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

from judge.model import UsageError
from judge.walk import walk

SKIPPED_FOLDERS = ("__pycache__",)


@dataclass(frozen=True)
class Entry:
    """One submission of a batch.

    ``path`` is as it was given (the argument and, in a folder, the rest of the way); ``key`` is a relative path with
    ``/`` between its parts, different for each entry and the same in every run from the same folder. ``below`` is the
    folder that was named and holds it: links on the way from there are not followed. None for a file that was named.
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
    """The named files, and every ``*.py`` in the named folders, sorted within each; each file once.

    The globs filter what folders hold, never a file that was named itself. UsageError names all paths where there
    is nothing, or says that nothing is left to grade; ``warn`` hears of folders that cannot be listed.
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
        raise UsageError(f"no .py file{filtered} in {', '.join(os.fspath(path) for path in paths)}")
    return _told_apart(found)


def _in_folder(
    folder: Path, include: Sequence[str], exclude: Sequence[str], warn: Callable[[str], None]
) -> list[Path]:
    found = [
        place / name
        for place, files in walk(folder, enters=_is_searched, warn=warn)
        for name in files
        if name.endswith(".py")
    ]
    return sorted(path for path in found if _wanted(path.relative_to(folder), include, exclude))


def _is_searched(name: str) -> bool:
    return not name.startswith(".") and name not in SKIPPED_FOLDERS


def _wanted(path: PurePath, include: Sequence[str], exclude: Sequence[str]) -> bool:
    """A glob speaks of a file when it fits its path within the folder, its name, or those of a folder above it."""
    steps = [step for step in (path, *path.parents) if step.name]
    spoken = {text for step in steps for text in (step.as_posix(), step.name)}

    def fits(globs: Sequence[str]) -> bool:
        return any(fnmatchcase(text, glob.rstrip("/")) for glob in globs for text in spoken)

    return (not include or fits(include)) and not fits(exclude)


def _identity(path: Path) -> Path:
    """The same for two spellings of one file; a link stays apart from what it points to, for it is not followed."""
    return Path(os.path.realpath(path.parent)) / path.name


def _key(path: Path, argument: Path) -> str:
    """Relative to the current folder; of what lies elsewhere, relative to the folder that holds the argument."""
    absolute, here = Path(os.path.abspath(path)), Path.cwd()
    if absolute.is_relative_to(here):
        return absolute.relative_to(here).as_posix()
    return absolute.relative_to(Path(os.path.abspath(argument)).parent).as_posix()


def _told_apart(found: dict[Path, Entry]) -> list[Entry]:
    """Keys that are equal, or would be where letter case is not told apart, get a digest of the whole path."""
    counts = Counter(entry.key.casefold() for entry in found.values())
    return [
        entry if counts[entry.key.casefold()] == 1 else replace(entry, key=f"{entry.key}~{_digest(identity)}")
        for identity, entry in found.items()
    ]


def _digest(identity: Path) -> str:
    return hashlib.sha256(os.fsencode(identity)).hexdigest()[:12]
