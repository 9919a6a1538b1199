"""The contents of a folder or archive: candidates for grading, other files, and what is left out without a look."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from judge.archives import ArchiveContents, Member, read_archive
from judge.submission import NOTEBOOK_SUFFIX
from judge.walk import walk

CANDIDATES = (".py", NOTEBOOK_SUFFIX)
"""Endings of files that can be submissions."""

CACHES = ("__pycache__",)
INSTALLED = ("node_modules", "site-packages")
ENVIRONMENT = "pyvenv.cfg"
"""The file that every virtual environment has."""
SYSTEM_FOLDERS = ("__MACOSX",)
SYSTEM_FILES = (".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class LeftOut:
    """A file or folder that is not graded. ``reason`` continues "it ..."."""

    path: str
    reason: str


@dataclass(frozen=True)
class Item:
    """A file, by its name below the root, with ``/`` between its parts. ``problem`` is why it cannot be read, if so."""

    name: str
    member: Member | None = field(default=None, compare=False)
    problem: str = ""


@dataclass(frozen=True)
class Listing:
    """A folder or archive; all of its names are sorted."""

    root: Path
    is_folder: bool
    candidates: tuple[Item, ...]
    others: tuple[Item, ...]
    folders: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    empty: tuple[str, ...]
    """The folders that hold nothing."""

    def path(self, name: str) -> Path:
        return self.root / name

    def shown(self, name: str) -> str:
        return os.fspath(self.path(name))


def list_folder(folder: Path, warn: Callable[[str], None]) -> Listing:
    """Return the contents of a folder and those below it; links are not followed. ``warn`` gets unreadable ones."""
    names: list[str] = []
    folders: list[str] = []
    skipped: list[Path] = []

    def enters(name: str) -> bool:
        return not _why_not_searched(name)

    for place, files in walk(folder, enters=enters, warn=warn, skip=skipped.append):
        below = place.relative_to(folder)
        names += [(below / name).as_posix() for name in files]
        folders += [below.as_posix()] if below.parts else []
    skips = [path.relative_to(folder).as_posix() for path in skipped]
    return _sorted_out(folder, [Item(name) for name in names], folders, skips)


def list_archive(path: Path) -> Listing:
    """Return the contents of an archive, which stays open as long as they are used. Raises ArchiveError."""
    contents = read_archive(path)
    items, skips = [], []
    for item in _items(contents):
        skip = _skipped_folder(item.name)
        if skip:
            skips.append(skip)
        else:
            items.append(item)
    folders = {name for name in contents.folders if not _skipped_folder(f"{name}/")}
    for item in items:
        folders |= {parent.as_posix() for parent in PurePosixPath(item.name).parents if parent.name}
    unnamed = [
        LeftOut(os.path.join(path, one.name), one.reason) for one in contents.refused if not one.plain_name
    ]
    return _sorted_out(path, items, folders, list(dict.fromkeys(skips)), unnamed, is_folder=False)


def _items(contents: ArchiveContents) -> list[Item]:
    """Return readable files, and those that are refused for what they are and not for their names, each name once."""
    readable = [Item(member.name, member) for member in contents.members]
    refused = {
        one.plain_name: Item(one.plain_name, problem=one.reason) for one in contents.refused if one.plain_name
    }
    return [*readable, *refused.values()]


def _sorted_out(
    root: Path,
    items: Sequence[Item],
    folders: Sequence[str] | set[str],
    skipped: Sequence[str],
    unnamed: Sequence[LeftOut] = (),
    *,
    is_folder: bool = True,
) -> Listing:
    left_out = [
        LeftOut(f"{root / name}/", _why_not_searched(name.rpartition("/")[2])) for name in sorted(skipped)
    ]
    environments = {item.name.rpartition("/")[0] for item in items if item.name.endswith(f"/{ENVIRONMENT}")}
    left_out += [LeftOut(f"{root / name}/", "is a virtual environment") for name in sorted(environments)]
    items = [item for item in items if not _is_below(item.name, environments)]
    empty = {*folders} - environments - {place for item in items for place in _folders_of(item.name)}
    empty -= {place for name in (*empty, *skipped, *environments) for place in _folders_of(name)}
    empty = {name for name in empty if not _is_below(name, environments)}
    junk = [item for item in items if _is_system_file(item.name)]
    left_out += [LeftOut(os.fspath(root / item.name), "is a file of the operating system") for item in junk]
    rest = sorted(
        (item for item in items if not _is_system_file(item.name)), key=lambda item: PurePosixPath(item.name)
    )
    return Listing(
        root,
        is_folder,
        tuple(item for item in rest if item.name.lower().endswith(CANDIDATES)),
        tuple(item for item in rest if not item.name.lower().endswith(CANDIDATES)),
        tuple(sorted(folders)),
        (*left_out, *unnamed),
        tuple(sorted(empty)),
    )


def _why_not_searched(name: str) -> str:
    """Return why nothing in a folder of this name is looked at; '' for a folder that is searched."""
    if name in CACHES:
        return "is a cache"
    if name in INSTALLED:
        return "holds installed packages"
    if name in SYSTEM_FOLDERS:
        return "is a folder of the operating system"
    return "is a folder whose name begins with a dot" if name.startswith(".") else ""


def _skipped_folder(name: str) -> str:
    """Return the first folder on the way to a file that is not searched; '' when all are."""
    parts = name.split("/")[:-1]
    for number, part in enumerate(parts):
        if _why_not_searched(part):
            return "/".join(parts[: number + 1])
    return ""


def _folders_of(name: str) -> Iterator[str]:
    """Yield the folders above a file or folder, without the root."""
    while name := name.rpartition("/")[0]:
        yield name


def _is_below(name: str, folders: set[str]) -> bool:
    return any(place in folders for place in _folders_of(name))


def _is_system_file(name: str) -> bool:
    last = name.rpartition("/")[2]
    return last in SYSTEM_FILES or last.startswith("._")
