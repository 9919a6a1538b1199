"""Writes files whole or not at all: a reader sees the old file or the whole new one."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from judge.model import ExerciseError, JudgeError, UsageError


def replace_files(files: Mapping[Path, str | bytes | None], *, drafts: Path | None = None) -> None:
    """Write several files (None: remove): each is complete on disk before any takes its place.

    ``drafts`` is a folder on the same file system for incomplete files (default: each file's own folder).
    Raises OSError, whose ``filename`` is the file that could not be written.
    """
    complete: dict[Path, Path] = {}
    place = next(iter(files), Path())
    try:
        for place, text in files.items():
            if text is not None:
                complete[place] = _draft(place, text, drafts or place.absolute().parent)
        for place, text in files.items():
            if text is None:
                place.unlink(missing_ok=True)
            else:
                os.replace(complete[place], place)
                del complete[place]
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(place)) from error
    finally:
        for draft in complete.values():
            draft.unlink(missing_ok=True)


def replace_exercise_files(files: Mapping[Path, str | None]) -> None:
    """Replace an exercise's own files, creating their folders. Raises ExerciseError, naming the file."""
    try:
        for place in files:
            place.parent.mkdir(parents=True, exist_ok=True)
        replace_files(files)
    except OSError as error:
        raise ExerciseError(f"{error.filename}: cannot be written: {error.strerror or error}") from error


def write_file(path: Path, text: str | bytes) -> None:
    """Write a document whole or not at all. Raises NotSavedError or UsageError, naming the file."""
    try:
        replace_files({path: text})
    except OSError as error:
        raise not_written(path, error) from None


class NotSavedError(JudgeError):
    """A file could not be written because the disk is full or failing: not a usage error."""


_NOBODYS_FAULT = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EMFILE, errno.ENFILE)


def not_written(path: Path, error: OSError) -> NotSavedError | UsageError:
    """Return the error to raise when a file could not be written."""
    kind = NotSavedError if error.errno in _NOBODYS_FAULT else UsageError
    return kind(f"{path}: cannot be written: {error.strerror}")


def _draft(place: Path, content: str | bytes, folder: Path) -> Path:
    """Write the whole content to disk under an unpredictable name."""
    fd, name = tempfile.mkstemp(prefix=f".{place.name[:100]}.", dir=folder)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace"))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
