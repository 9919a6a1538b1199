"""A results folder: one JSON report per submission, written whole or not at all, by one batch at a time.

Theory of operation.  Every file is first written in ``.judge/`` inside the folder, fsync'd and then renamed to its
place, so that a report is either complete or absent, whenever the judge is killed.  What a killed judge left behind
lies in ``.judge/`` alone, and the next one removes it.  The lock is a ``flock`` on an open descriptor: the kernel
drops it with the process, so that it cannot be left behind.

Stored reports are trusted: anyone who can write here can write verdicts.  A folder that learners can write to (their
own checkout, say) is no place for results that are to be resumed.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from judge.batch.report_names import report_name
from judge.closing import Closing
from judge.files import not_written, replace_files
from judge.model import Report, UsageError
from judge.reports.formats import json as json_format
from judge.reports.saved import SavedReportError, report_from_json

PRIVATE = ".judge"
SUMMARY = "summary.json"
MAX_STORED_BYTES = 64 << 20
"""A stored report larger than this was not written by judge."""


class ResultsFolder(Closing):
    """The folder at ``path``, created if missing and locked until closed. Use as a context manager.

    Raises UsageError when it cannot be used, or when another batch is writing it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        private = path / PRIVATE
        try:
            _require_results(path)
            private.mkdir(parents=True, exist_ok=True)
            self._require_no_link(private)
            self._lock_fd: int | None = os.open(
                private / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0), 0o666
            )
        except OSError as error:
            raise UsageError(f"{path}: cannot be a results folder: {error.strerror}") from None
        try:
            self._lock()
            self._clear()
        except OSError as error:
            self.close()
            raise not_written(path, error) from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Release the lock."""
        if self._lock_fd is not None:
            os.close(self._lock_fd)
            self._lock_fd = None

    def read(self, key: str) -> Report | None:
        """Return the report stored for a submission; None when there is none that is complete and unchanged."""
        return read_report(self.path / report_name(key), exact=True)

    def write(self, key: str, report: Report) -> None:
        """Store the report; when this returns it survives a power failure."""
        self.write_text(report_name(key), json_format.render(report))

    def write_text(self, name: str, text: str) -> None:
        """Store a text under a relative name. Raises NotSavedError when there is no room for it."""
        place = self.path / name
        try:
            self._require_no_link(place.parent)
            place.parent.mkdir(parents=True, exist_ok=True)
            replace_files({place: text}, drafts=self.path / PRIVATE)
            _sync(place.parent)
        except OSError as error:
            raise not_written(place, error) from None

    def forget(self, name: str) -> None:
        """Remove the file stored under a relative name, if there is one."""
        try:
            (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise UsageError(f"{self.path / name}: cannot be replaced: {error.strerror}") from None

    def _require_no_link(self, folder: Path) -> None:
        """Raise UsageError for a symbolic link: files in here are overwritten and removed without asking."""
        for place in (folder, *folder.parents):
            if place == self.path:
                return
            if place.is_symlink():
                raise UsageError(f"{place}: is a symbolic link, which a results folder must not hold")

    def _lock(self) -> None:
        import fcntl

        assert self._lock_fd is not None
        try:
            fcntl.flock(self._lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(self._lock_fd, 20, 0).decode("ascii", "replace").strip()
            raise UsageError(
                f"{self.path}: another judge (process {pid or 'unknown'}) is writing there"
            ) from None
        except OSError as error:
            raise UsageError(f"{self.path}: cannot be locked: {error.strerror}") from None
        status = os.fstat(self._lock_fd)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            raise UsageError(
                f"{self.path / PRIVATE / 'lock'}: is not a file of its own, and would be overwritten"
            )
        os.ftruncate(self._lock_fd, 0)
        # On a full disk the lock still holds; only its owner's number is missing.
        with contextlib.suppress(OSError):
            os.pwrite(self._lock_fd, f"{os.getpid()}\n".encode(), 0)

    def _clear(self) -> None:
        for left in (self.path / PRIVATE).iterdir():
            if left.name != "lock" and not left.is_dir():
                left.unlink(missing_ok=True)


def _require_results(path: Path) -> None:
    """Raise UsageError for a folder that holds something else than results, which would lie among them."""
    if not path.is_dir():
        return
    names = os.listdir(path)
    if names and PRIVATE not in names and SUMMARY not in names:
        raise UsageError(
            f"{path}: holds {len(names)} {'file' if len(names) == 1 else 'files'} and no results; "
            "name a new or an empty folder"
        )


def read_report(path: Path, *, exact: bool) -> Report | None:
    """Return the report in a file; None without one, and with ``exact`` unless every byte is as judge wrote it."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_STORED_BYTES + 1)
    except OSError:
        return None
    if len(data) > MAX_STORED_BYTES:
        return None
    try:
        report = report_from_json(data)
        return report if not exact or json_format.render(report).encode() == data else None
    except (SavedReportError, ValueError, TypeError, AttributeError):
        return None


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
