"""Collects what a batch grades, in order: files, and those in folders and archives, each with a name for its report.

A folder and an archive are listed the same way (`judge.submissions.listing`). Without a roster every Python file and
notebook in them is a submission. With one, files are told apart by the learners who handed them in
(`judge.submissions.hand_ins`), and each learner, or group, has one.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

from judge.archives import is_archive_name
from judge.model import Limits, Submission, UsageError
from judge.submission import Unusable
from judge.submissions.entry import Entry
from judge.submissions.hand_ins import Chosen, choose, defines
from judge.submissions.listing import Item, LeftOut, Listing, list_archive, list_folder
from judge.submissions.rosters import AUTO, Source, assign

SHOWN_NAMES = 10
"""Files that a line names at most."""

LIST_LIMITS = Limits(source_kib=16 * 1024)
"""Of a list that a platform puts beside the submissions."""


@dataclass(frozen=True)
class Wanted:
    """Which submissions are collected, and how.

    The globs filter the contents of folders and archives, never a file that was named itself. ``roster`` is a
    platform, a pattern or ``auto``; '' for none. ``entry_point`` tells which of a learner's files is the submission.
    """

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    roster: str = ""
    entry_point: Callable[[], str] = lambda: "solve"


def collect(
    paths: Sequence[Path],
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    warn: Callable[[str], None] = lambda line: None,
    *,
    roster: str = "",
    entry_point: Callable[[], str] = lambda: "solve",
    leave_out: Callable[[LeftOut], None] = lambda one: None,
) -> list[Entry]:
    """Return the named files, and the submissions in the named folders and archives, sorted in each; each file once.

    ``warn`` is called with what staff should know about a folder or learner, ``leave_out`` with each file that is not
    graded. Raises UsageError, naming all missing paths, when an archive cannot be read, or when nothing is left to
    grade.
    """
    wanted = Wanted(include, exclude, roster, entry_point)
    gone = [os.fspath(path) for path in paths if not os.path.lexists(path)]
    if gone:
        raise UsageError("\n".join(f"{path}: no such file or folder" for path in gone))
    found: dict[Path, Entry] = {}
    for argument in paths:
        for entry in _entries(argument, wanted, warn, leave_out):
            found.setdefault(_identity(entry.path), entry)
    if not found:
        filtered = " that --include and --exclude let through" if include or exclude else ""
        raise UsageError(f"no .py or .ipynb file{filtered} in {', '.join(os.fspath(path) for path in paths)}")
    return _told_apart(found)


def _entries(
    argument: Path, wanted: Wanted, warn: Callable[[str], None], leave_out: Callable[[LeftOut], None]
) -> list[Entry]:
    """Return the submissions that one argument stands for."""
    if argument.is_dir():
        listing = list_folder(argument, warn)
    elif is_archive_name(argument.name) and argument.is_file():
        listing = list_archive(argument)
    else:
        return [Entry(argument, _key(argument, argument))]
    for one in listing.left_out:
        leave_out(one)
    candidates = [
        item for item in listing.candidates if _selected(PurePath(item.name), wanted.include, wanted.exclude)
    ]
    for item in listing.others:
        leave_out(LeftOut(listing.shown(item.name), item.problem or "is no Python file or notebook"))
    if not wanted.roster:
        for name in listing.empty:
            leave_out(LeftOut(f"{listing.shown(name)}/", "is an empty folder"))
        return [
            _entry(listing, item) for item in candidates if not _is_aside(listing, item, wanted, leave_out)
        ]
    return _by_learner(listing, candidates, wanted, warn, leave_out)


ASIDE = ("test_*.py", "*_test.py", "conftest.py", "setup.py", "__init__.py")
"""Names of files that stand beside a program."""


def _is_aside(listing: Listing, item: Item, wanted: Wanted, leave_out: Callable[[LeftOut], None]) -> bool:
    """Return whether this is a test or a part of a package, and no submission; tell ``leave_out`` so."""
    name = PurePath(item.name).name.lower()
    if not any(fnmatchcase(name, pattern) for pattern in ASIDE):
        return False
    read = _entry(listing, item).read(Limits())
    entry_point = wanted.entry_point()
    if not isinstance(read, Submission) or defines(entry_point, item.name, read.source):
        return False
    leave_out(
        LeftOut(
            listing.shown(item.name), f"defines no {entry_point!r}, and has the name of a test or package"
        )
    )
    return True


def _by_learner(
    listing: Listing,
    candidates: Sequence[Item],
    wanted: Wanted,
    warn: Callable[[str], None],
    leave_out: Callable[[LeftOut], None],
) -> list[Entry]:
    """Return one submission for each learner or group, and each file that belongs to nobody."""
    files = {item.name: item for item in (*candidates, *listing.others)}

    def content(item: Item, limits: Limits) -> bytes:
        read = _entry(listing, item).read(limits)
        return read.source if isinstance(read, Submission) else b""

    def text_of(name: str) -> str:
        return content(files[name], LIST_LIMITS).decode("utf-8-sig", "replace") if name in files else ""

    source = Source(tuple(files), listing.folders, text_of)
    assigned = assign(wanted.roster, source, [item.name for item in candidates])
    if not assigned.roster:
        warn(f"{listing.root}: --roster {AUTO}: the names are those of no known platform; nobody is assigned")
    elif wanted.roster == AUTO:
        warn(f"{listing.root}: the names are those of {assigned.roster}")
    chosen = choose(
        _filtered(listing, wanted),
        candidates,
        assigned.owners,
        lambda item: defines(wanted.entry_point(), item.name, content(item, Limits())),
    )
    for one in chosen.left_out:
        leave_out(one)
    for line in chosen.remarks:
        warn(line)
    nobodys = [one.name for one in chosen.submissions if one.owner is None]
    if nobodys and assigned.roster:
        more = ", ..." if len(nobodys) > SHOWN_NAMES else ""
        named = ", ".join(nobodys[:SHOWN_NAMES])
        warn(f"{listing.root}: of nobody who is known, and graded all the same: {named}{more}")
    return [_chosen_entry(listing, one) for one in chosen.submissions]


def _filtered(listing: Listing, wanted: Wanted) -> Listing:
    """Return the listing with those other files and folders that the globs select: who is not selected has no row."""
    if not wanted.include and not wanted.exclude:
        return listing

    def selected(name: str) -> bool:
        return _selected(PurePath(name), wanted.include, wanted.exclude)

    others = tuple(item for item in listing.others if selected(item.name))
    return replace(listing, others=others, folders=tuple(name for name in listing.folders if selected(name)))


def _chosen_entry(listing: Listing, chosen: Chosen) -> Entry:
    if chosen.item is not None:
        return replace(_entry(listing, chosen.item), owner=chosen.owner)
    path = listing.path(chosen.name)
    unusable = Unusable(os.fspath(path), "no-file", chosen.instead)
    return Entry(path, _key(path, listing.root), unusable=unusable, owner=chosen.owner)


def _entry(listing: Listing, item: Item) -> Entry:
    path = listing.path(item.name)
    unusable = Unusable(os.fspath(path), "unreadable", f"it {item.problem}") if item.problem else None
    below = listing.root if listing.is_folder else None
    return Entry(path, _key(path, listing.root), below, item.member, unusable)


def _selected(path: PurePath, include: Sequence[str], exclude: Sequence[str]) -> bool:
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
