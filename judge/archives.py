"""Reads zip, tar and tar.gz archives in memory: nothing is unpacked to disk, and nothing is believed unchecked.

Theory of operation.  `read_archive` reads only the directory of an archive: of a zip its central directory, of a tar
the headers, for which a tar.gz is inflated once as a stream.  Every read and every position in that stream has a
limit, so that neither a directory nor a stream that claims gigabytes is followed.  What is an ordinary file with an
ordinary name becomes a Member; every other entry is refused by name, with a reason, and the rest is not affected by it.
`Member.read` then inflates one member at a time, never beyond the size that the directory declares, and compares what
came out with that size and, in a zip, with the checksum.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import re
import stat
import struct
import tarfile
import threading
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from judge.closing import Closing
from judge.model import UsageError

MIB = 1 << 20

NESTED = (
    ".zip",
    ".tar",
    ".tgz",
    ".gz",
    ".bz2",
    ".tbz2",
    ".xz",
    ".txz",
    ".zst",
    ".7z",
    ".rar",
    ".jar",
    ".whl",
    ".egg",
)
"""Endings of archives, which are not opened inside of an archive."""


class ArchiveError(UsageError):
    """An archive, or a member of it, cannot be read; the message is one line and names the archive's file."""


@dataclass(frozen=True)
class ArchiveLimits:
    """Limits of an archive's contents. ``ratio``: how many times larger than compressed a member above 1 MiB may be."""

    members: int = 20_000
    member_bytes: int = 64 * MIB
    total_bytes: int = 2048 * MIB
    ratio: int = 200
    depth: int = 64
    name_bytes: int = 1024

    @property
    def directory_bytes(self) -> int:
        """The largest central directory, or header of a tar: each entry has at least 46 bytes and a name."""
        return 65_536 + 200 * self.members

    @property
    def stream_bytes(self) -> int:
        """The largest tar: beside its members it has headers, also extended ones, and zeros between and after them."""
        return self.total_bytes + 2048 * self.members + 65_536


DEFAULT_LIMITS = ArchiveLimits()


@dataclass(frozen=True)
class Member:
    """An ordinary file in an archive. ``name`` is relative, with ``/`` between parts that are not ``.`` or ``..``."""

    name: str
    size: int
    """Its size in bytes as the archive declares it."""
    _content: Callable[[], bytes] = field(repr=False, compare=False)

    def read(self) -> bytes:
        """Return the content. Raises ArchiveError unless it has the declared size and, in a zip, checksum."""
        return self._content()


@dataclass(frozen=True)
class RefusedMember:
    """An entry that is not read. ``name`` is as the archive spells it, ``reason`` continues "it ..."."""

    name: str
    reason: str
    plain_name: str = ""
    """The name as that of a Member, where only the entry is at fault and not its name."""


@dataclass(frozen=True)
class ArchiveContents(Closing):
    """The entries of an open archive in its order: readable files, refused entries, and the names of folders.

    Use as a context manager, or call `close`; members can be read from several threads until then.
    """

    members: tuple[Member, ...]
    refused: tuple[RefusedMember, ...]
    folders: tuple[str, ...]
    _file: BinaryIO = field(repr=False, compare=False)

    def close(self) -> None:
        """Close the archive's file; members cannot be read any more."""
        self._file.close()


def is_archive_name(name: str) -> bool:
    """Return whether a file's name ends as those of the archives that `read_archive` reads."""
    return name.lower().endswith((".zip", ".tar", ".tar.gz", ".tgz"))


def read_archive(path: str | os.PathLike[str], limits: ArchiveLimits = DEFAULT_LIMITS) -> ArchiveContents:
    """Open an archive and list it. Raises ArchiveError when it as a whole cannot be read or is beyond the limits."""
    shown = os.fspath(path)
    file = _open(shown)
    try:
        found = _listed(file, shown, limits)
        members, refused, folders = _sorted_out(found, limits)
    except _FAILURES as error:
        file.close()
        raise ArchiveError(f"{shown}: the archive cannot be read: {_in_words(error)}") from None
    except BaseException:
        file.close()
        raise
    return ArchiveContents(members, refused, folders, file)


_FAILURES = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,  # UnicodeDecodeError too: a name that says it is UTF-8 and is not
    OverflowError,
    IndexError,
    NotImplementedError,
    RecursionError,  # tarfile follows a chain of extended headers by recursion
)
"""What the standard library raises for damaged and hostile archives."""


@dataclass(frozen=True)
class _Found:
    """An entry as the archive declares it; ``refusal`` is what is wrong with its kind, '' for files and folders."""

    name: str
    size: int
    is_folder: bool
    refusal: str
    content: Callable[[], bytes]


def _open(shown: str) -> BinaryIO:
    try:
        file = open(shown, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))  # noqa: SIM115
    except FileNotFoundError:
        raise ArchiveError(f"{shown}: no such file") from None
    except OSError as error:
        raise ArchiveError(f"{shown}: the archive cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise ArchiveError(f"{shown}: the archive is not a regular file")
    return file


def _listed(file: BinaryIO, shown: str, limits: ArchiveLimits) -> list[_Found]:
    """Return all entries. Raises one of the failures, or ArchiveError."""
    start = file.read(512)
    file.seek(0)
    if start.startswith(b"PK"):
        return _listed_zip(file, shown, limits)
    if start.startswith(b"\x1f\x8b"):
        # The stream is inflated again from its beginning for a member that lies before the last one that was read.
        return _listed_tar(gzip.GzipFile(fileobj=file), shown, limits)
    if start[257:262] == b"ustar":
        return _listed_tar(file, shown, limits)
    raise ArchiveError(f"{shown}: is no zip, tar or tar.gz archive")


def _sorted_out(
    found: Sequence[_Found], limits: ArchiveLimits
) -> tuple[tuple[Member, ...], tuple[RefusedMember, ...], tuple[str, ...]]:
    """Return the readable files, the refused entries and the folders."""
    members, refused, folders = [], [], []
    count = Counter(_key(one.name) for one in found if not one.is_folder)
    for one in found:
        wrong_name = _wrong_name(one.name, limits)
        reason = wrong_name or one.refusal
        if not reason and not one.is_folder:
            reason = _wrong_file(one, count[_key(one.name)], limits)
        name = "/".join(_parts(one.name))
        if reason:
            refused.append(RefusedMember(one.name, reason, "" if wrong_name else name))
        elif one.is_folder:
            folders += [name] if name else []
        else:
            members.append(Member(name, one.size, one.content))
    return tuple(members), tuple(refused), tuple(folders)


def _parts(name: str) -> list[str]:
    return [part for part in name.split("/") if part not in ("", ".")]


def _key(name: str) -> str:
    """Return a text that is equal for names that some file system takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", "/".join(_parts(name))).casefold())


def _wrong_name(name: str, limits: ArchiveLimits) -> str:
    """Return why nothing of this name is read; '' for a relative path of ordinary parts."""
    if "\0" in name:
        return "has a NUL character in its name"
    if any("\ud800" <= char <= "\udfff" for char in name):
        return "has a name that is not valid text"
    if "\\" in name:
        return "has a backslash in its name"
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "has an absolute name"
    if ".." in name.split("/"):
        return "has '..' in its name"
    if len(name.encode()) > limits.name_bytes:
        return f"has a name of more than {limits.name_bytes:,} bytes"
    if len(_parts(name)) > limits.depth:
        return f"lies deeper than {limits.depth} folders"
    return ""


def _wrong_file(one: _Found, copies: int, limits: ArchiveLimits) -> str:
    if not _parts(one.name):
        return "has no name"
    if copies > 1:
        return f"has a name that occurs {copies} times, up to letter case and Unicode form"
    if one.name.lower().endswith(NESTED):
        return "is an archive inside of the archive"
    if one.size > limits.member_bytes:
        return f"has {one.size / MIB:,.0f} MiB; at most {limits.member_bytes / MIB:,.0f} MiB are read"
    return ""


def _require_within(shown: str, count: int, total: int, limits: ArchiveLimits) -> None:
    """Raise ArchiveError for too many entries, or too many bytes in all of them together."""
    if count > limits.members:
        raise ArchiveError(f"{shown}: the archive has more than {limits.members:,} entries")
    if total > limits.total_bytes:
        raise ArchiveError(
            f"{shown}: unpacked, the archive has more than {limits.total_bytes / MIB:,.0f} MiB"
        )


class _Bounded(io.RawIOBase):
    """A file of which no single read is larger than ``at_most`` and no position lies beyond ``end``, in bytes."""

    def __init__(self, file: BinaryIO | gzip.GzipFile, shown: str, at_most: int, end: int) -> None:
        self._file, self._shown, self._at_most, self._end = file, shown, at_most, end
        self.last_read = b""

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_SET and offset < 0:
            raise ArchiveError(f"{self._shown}: the archive is damaged: it points before its beginning")
        if whence == os.SEEK_SET and offset > self._end:
            raise self._too_large()
        return self._file.seek(offset, whence)

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0 or size > self._at_most:
            size = self._at_most + 1
        data = self._file.read(size)
        if len(data) > self._at_most:
            raise ArchiveError(
                f"{self._shown}: the archive's directory is larger than {self._at_most:,} bytes"
            )
        if self._file.tell() > self._end:
            raise self._too_large()
        self.last_read = data
        return data

    def _too_large(self) -> ArchiveError:
        return ArchiveError(f"{self._shown}: unpacked, the archive has more than {self._end / MIB:,.0f} MiB")


# ------------------------------------------------------------------------------------------------------- zip


def _listed_zip(file: BinaryIO, shown: str, limits: ArchiveLimits) -> list[_Found]:
    size = os.fstat(file.fileno()).st_size
    bounded = _Bounded(file, shown, limits.directory_bytes, size)
    with zipfile.ZipFile(bounded) as listing:
        infos = listing.infolist()
    _require_within(shown, len(infos), sum(info.file_size for info in infos), limits)
    lock = threading.Lock()
    overlapping = _overlapping(infos)
    return [
        _Found(
            _zip_name(info),
            info.file_size,
            info.is_dir(),
            _wrong_zip_entry(info, limits)
            or ("overlaps another entry" if info.header_offset in overlapping else ""),
            _zip_content(file, lock, shown, info),
        )
        for info in infos
    ]


_UTF8_NAME = 0x800
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_LOCAL_HEADER = struct.Struct("<4s22xHH")


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return the name; UTF-8 that is not marked as such, as macOS writes it, is told from the old code page."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8_NAME:
        try:
            return name.encode("cp437").decode()
        except UnicodeError:
            return name
    return name


def _wrong_zip_entry(info: zipfile.ZipInfo, limits: ArchiveLimits) -> str:
    """Return why the entry is not read by what kind it is, '' for files and folders."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a symbolic link" if kind == stat.S_IFLNK else "is a device or another special file"
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"is compressed by a method that is not read (number {info.compress_type})"
    if info.file_size > max(MIB, limits.ratio * info.compress_size):
        return f"would be over {limits.ratio} times larger than it is compressed"
    if info.compress_size > limits.member_bytes + MIB:
        return f"has {info.compress_size / MIB:,.0f} MiB, and is compressed"
    return ""


def _overlapping(infos: Sequence[zipfile.ZipInfo]) -> set[int]:
    """Return the offsets of entries whose bytes are also part of another entry."""
    found: set[int] = set()
    furthest: zipfile.ZipInfo | None = None
    for info in sorted(infos, key=lambda info: info.header_offset):
        if furthest is not None and info.header_offset < _end_of(furthest):
            found |= {info.header_offset, furthest.header_offset}
        if furthest is None or _end_of(info) > _end_of(furthest):
            furthest = info
    return found


def _end_of(info: zipfile.ZipInfo) -> int:
    return info.header_offset + _LOCAL_HEADER.size + info.compress_size


def _zip_content(
    file: BinaryIO, lock: threading.Lock, shown: str, info: zipfile.ZipInfo
) -> Callable[[], bytes]:
    """Return the function that reads an entry.

    `zipfile` would stop at the declared size without a word on what follows, so the entry is inflated here.
    """

    def content() -> bytes:
        where = f"{shown}: {_zip_name(info)}"
        with lock, _failures_told(where):
            file.seek(info.header_offset)
            header = file.read(_LOCAL_HEADER.size)
            if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
                raise ArchiveError(f"{where}: the archive is damaged: there is no entry at its place")
            _, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
            file.seek(name_bytes + extra_bytes, os.SEEK_CUR)
            packed = file.read(info.compress_size)
        data = (
            packed if info.compress_type == zipfile.ZIP_STORED else _inflated(packed, info.file_size, where)
        )
        if len(data) != info.file_size:
            raise ArchiveError(f"{where}: the archive is damaged: it has another size than declared")
        if zlib.crc32(data) != info.CRC:
            raise ArchiveError(f"{where}: the archive is damaged: its checksum is wrong")
        return data

    return content


def _inflated(packed: bytes, size: int, where: str) -> bytes:
    """Return the inflated data, at most one byte more than declared."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = inflater.decompress(packed, size + 1)
        # What ends a stream may follow the last byte of its data.
        data += b"" if inflater.eof else inflater.decompress(inflater.unconsumed_tail, 1)
    except zlib.error:
        raise ArchiveError(f"{where}: the archive is damaged: it cannot be inflated") from None
    if not inflater.eof and len(data) <= size:
        raise ArchiveError(f"{where}: the archive is damaged: it ends too early")
    return data


# ------------------------------------------------------------------------------------------------------- tar


def _listed_tar(file: BinaryIO | gzip.GzipFile, shown: str, limits: ArchiveLimits) -> list[_Found]:
    bounded = _Bounded(file, shown, limits.directory_bytes, limits.stream_bytes)
    lock = threading.Lock()
    found: list[_Found] = []
    total = 0
    with tarfile.open(fileobj=bounded, mode="r:", encoding="utf-8") as listing:
        for info in listing:
            content = _tar_content(file, lock, f"{shown}: {info.name}", info.offset_data, info.size)
            found.append(_Found(info.name, info.size, info.isdir(), _wrong_tar_entry(info), content))
            total += max(info.size, 0)
            _require_within(shown, len(found), total, limits)
    _require_end(bounded, shown)
    return found


def _wrong_tar_entry(info: tarfile.TarInfo) -> str:
    """Return why the entry is not read by what kind it is, '' for files and folders."""
    if info.issym():
        return "is a symbolic link"
    if info.islnk():
        return "is a hard link"
    if info.issparse() or info.size < 0:
        return "is not stored as it is"
    return "" if info.isreg() or info.isdir() else "is a device or another special file"


def _require_end(bounded: _Bounded, shown: str) -> None:
    """Raise ArchiveError unless tarfile, which stops at damage without a word, stopped at the end of the archive."""
    if bounded.last_read.strip(b"\0"):
        raise ArchiveError(f"{shown}: the archive is damaged: what follows its last readable entry is none")
    while bounded.read(65_536):  # a tar.gz has its checksum at the end
        pass


def _tar_content(
    file: BinaryIO | gzip.GzipFile, lock: threading.Lock, where: str, offset: int, size: int
) -> Callable[[], bytes]:
    def content() -> bytes:
        with lock, _failures_told(where):
            file.seek(offset)
            data = file.read(size)
        if len(data) != size:
            raise ArchiveError(f"{where}: the archive is damaged: it ends too early")
        return data

    return content


@contextlib.contextmanager
def _failures_told(where: str) -> Iterator[None]:
    """Turn what is raised while a member is read into ArchiveError."""
    try:
        yield
    except _FAILURES as error:
        raise ArchiveError(f"{where}: cannot be read: {_in_words(error)}") from None


def _in_words(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "it ends too early"
    if isinstance(error, UnicodeError):
        return "a name in it is not valid text"
    if isinstance(error, RecursionError):
        return "its headers are nested too deeply"
    return f"it is damaged ({error or type(error).__name__})".replace("\n", " ")
