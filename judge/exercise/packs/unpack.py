"""Unpacks a pack for the lifetime of this process, into a private folder that nobody else can read."""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from judge.archives import ArchiveContents, ArchiveError, ArchiveLimits, read_archive
from judge.exercise.golden_file import MENDING_COMMAND
from judge.exercise.packs.manifest import FILE, MAX_MEMBER_BYTES, digest_of, is_pack, parse_manifest
from judge.model import ExerciseError, PackError

LIMITS = ArchiveLimits(members=2_000, member_bytes=MAX_MEMBER_BYTES, total_bytes=4 * MAX_MEMBER_BYTES)


def unpacked(archive: Path) -> Path:
    """Return a folder with the members of a pack; it is removed when this process ends. Raises PackError.

    Names, kinds and sizes are checked before anything is read, and all content before anything is written.
    """
    try:
        status = archive.stat()
    except OSError as error:
        raise PackError(f"{archive}: the pack cannot be read: {error.strerror}") from None
    return Path(_unpacked(archive, status.st_ino, status.st_size, status.st_mtime_ns).name)


def blamed_on_pack(start: Path, root: Path, error: ExerciseError) -> ExerciseError | PackError:
    """Return the error to raise for an exercise that is not usable: of a pack it is not its reader's to mend."""
    if not is_pack(root):
        return error
    lines = [line.strip() for line in str(error).splitlines()]
    reason = (lines[1] if len(lines) > 1 else lines[0]).partition(f"; '{MENDING_COMMAND}'")[0]
    return PackError(f"{start}: the pack cannot be used: {reason}")


@functools.lru_cache(maxsize=16)
def _unpacked(archive: Path, *identity: int) -> tempfile.TemporaryDirectory[str]:
    """Unpack once for every state of the file; the folder goes when Python ends, or when sixteen others came."""
    files = members_of(archive)
    folder = tempfile.TemporaryDirectory(prefix="judge-pack-")  # mode 0700
    try:
        write_members(files, Path(folder.name))
    except OSError as error:
        folder.cleanup()
        raise PackError(f"{archive}: cannot be unpacked to {folder.name}: {error.strerror}") from None
    return folder


def write_members(files: Mapping[str, bytes], folder: Path) -> None:
    """Write a pack's members below the folder. Raises OSError."""
    for name, data in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def members_of(archive: Path) -> dict[str, bytes]:
    """Return the content of every member by name, compared with pack.json. Raises PackError."""
    try:
        with read_archive(archive, LIMITS) as contents:
            _refuse_strange_entries(archive, contents)
            files = {member.name: member.read() for member in contents.members}
    except ArchiveError as error:
        raise PackError(str(error)) from None
    shown = os.fspath(archive)
    manifest = parse_manifest(files[FILE], shown)
    if strange := sorted(files.keys() ^ {FILE, *manifest.digests}):
        verb = "is not listed in" if strange[0] in files else "is missing, and stands in"
        raise PackError(f"{shown}: {strange[0]!r:.80} {verb} its {FILE}")
    for name, digest in manifest.digests.items():
        if digest_of(files[name]) != digest:
            raise PackError(f"{shown}: {name} is not as it was packed; get the pack from your course again")
    return files


def _refuse_strange_entries(archive: Path, contents: ArchiveContents) -> None:
    if contents.refused:
        first, more = contents.refused[0], len(contents.refused) - 1
        others = f" (and {more} more entries that are refused)" if more else ""
        raise PackError(f"{archive}: the entry {first.name!r:.80} {first.reason}{others}")
    if FILE not in {member.name for member in contents.members}:
        raise PackError(f"{archive}: there is no {FILE} at the top of the archive, so it is not a pack")
