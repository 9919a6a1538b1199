"""Reads a learner's file once, without following a link, and never more of it than allowed."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
import tokenize
from dataclasses import dataclass
from pathlib import PurePath

from judge.model import Limits, Submission, UsageError

NOT_A_NOTEBOOK = "not-a-notebook"
TOO_LARGE = "too-large"
NOTEBOOK_SUFFIX = ".ipynb"
NOTEBOOK_KIB = 16 * 1024
"""Of a notebook file as a whole, outputs included; for the code in it the exercise's own limit holds."""


@dataclass(frozen=True)
class Unusable:
    """A path without a submission that could be run; ``code`` is a finding code, ``message`` one line."""

    path: str
    code: str
    message: str


def read_submission(
    path: str | os.PathLike[str], limits: Limits, *, below: str | os.PathLike[str] | None = None
) -> Submission | Unusable:
    """Read the bytes of a regular file.

    ``below``: a folder above it, as the path spells it; the folders from there on may be the learner's own, so no
    link among them is followed either.  A file that exists but cannot be graded is returned as Unusable, which ends
    in the verdict ``invalid-submission``.  Raises UsageError when there is nothing at the path.
    """
    shown = os.fspath(path)
    try:
        fd = _open(shown, below)
    except _LinkOnTheWay as error:
        return Unusable(shown, "not-a-regular-file", f"{error} on the way to it is a symbolic link")
    except FileNotFoundError:
        raise UsageError(f"{shown}: no such file") from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            return Unusable(shown, "not-a-regular-file", "it is a symbolic link; hand in the file itself")
        if error.errno == errno.ENOTDIR:
            raise UsageError(f"{shown}: no such file") from None
        if error.errno in (errno.ENXIO, errno.EISDIR):
            return Unusable(shown, "not-a-regular-file", "it is not a regular file")
        return Unusable(shown, "unreadable", f"it cannot be read: {os.strerror(error.errno or 0)}")
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        os.close(fd)  # fdopen would raise for a directory
        return Unusable(shown, "not-a-regular-file", f"it is {_kind(status.st_mode)}, not a regular file")
    with os.fdopen(fd, "rb") as file:
        cap = cap_kib(shown, limits) * 1024
        try:
            source = file.read(cap + 1)
        except OSError as error:
            return Unusable(shown, "unreadable", f"it cannot be read: {os.strerror(error.errno or 0)}")
    size = max(status.st_size, len(source)) if len(source) > cap else len(source)
    return submission_from(source, size, shown, limits)


def submission_from(source: bytes, size: int, shown: str, limits: Limits) -> Submission | Unusable:
    """Return the submission in the bytes of a file, or why they are none; of a file that is too large any part will do.

    The one door for what learners hand in, whether it lies in a folder or in an archive.  A notebook goes through it as
    it is: `judge.Grader` takes the Python out of it, within limits.
    """
    most_kib = cap_kib(shown, limits)
    if size > most_kib * 1024:
        return Unusable(
            shown,
            TOO_LARGE,
            f"it has {size / 2**20:.1f} MiB; at most {most_kib:,} KiB are read{_advice(shown)}",
        )
    if not source.strip():
        return Unusable(shown, "empty", "it is empty")
    return submission_of(source, shown)


class _LinkOnTheWay(Exception):
    """A path component, named in the message, is a symbolic link."""


def _open(shown: str, below: str | os.PathLike[str] | None) -> int:
    """Open the file for reading. Raises OSError, or _LinkOnTheWay for a link between the folder and the file."""
    no_link = getattr(os, "O_NOFOLLOW", 0)
    flags = os.O_RDONLY | os.O_CLOEXEC | no_link | os.O_NONBLOCK
    if below is None:
        return os.open(shown, flags)
    *folders, name = PurePath(shown).relative_to(below).parts
    into = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
    here = os.open(below, into)
    try:
        for folder in folders:
            if stat.S_ISLNK(os.stat(folder, dir_fd=here, follow_symlinks=False).st_mode):
                raise _LinkOnTheWay(repr(folder))
            there = os.open(folder, into | no_link, dir_fd=here)  # fails if it has become a link since
            os.close(here)
            here = there
        return os.open(name, flags, dir_fd=here)
    finally:
        os.close(here)


def cap_kib(path: str, limits: Limits) -> int:
    """Return how much of a file of this name is read at most."""
    return NOTEBOOK_KIB if is_notebook(path) else limits.source_kib


def is_notebook(path: str) -> bool:
    """Return whether a file of this name is read as a notebook."""
    return path.lower().endswith(NOTEBOOK_SUFFIX)


def _advice(path: str) -> str:
    return " of a notebook (clearing its outputs makes it smaller)" if is_notebook(path) else ""


def submission_of(source: bytes | str, path: str = "<string>") -> Submission:
    """A submission from source that is already in memory."""
    data = source.encode() if isinstance(source, str) else source
    return Submission(path, data, hashlib.sha256(data).hexdigest())


def text_of(source: bytes) -> str:
    """The source as text for showing, decoded as Python would; what cannot be decoded is replaced.

    Only plain character sets are used here: the name comes from the file, and some codecs need quadratic time.
    """
    try:
        name, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except (SyntaxError, LookupError):
        name = "utf-8"
    plain = name.startswith(("utf-8", "ascii", "iso-8859", "iso8859", "latin", "cp12", "koi8", "mac"))
    return source.decode(name if plain else "utf-8", "replace").removeprefix("\ufeff")


def _kind(mode: int) -> str:
    for test, name in (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if test(mode):
            return name
    return "something else"
