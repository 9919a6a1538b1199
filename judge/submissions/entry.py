"""One submission of a batch: where it lies, what it is called, whose it is, and how it is read."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from judge.archives import ArchiveError, Member
from judge.model import Limits, Submission, UsageError
from judge.submission import Unusable, cap_kib, read_submission, submission_from
from judge.submissions.rosters import Owner


@dataclass(frozen=True)
class Entry:
    """One submission of a batch.

    ``path`` is as it was given (the argument and, in a folder or archive, the path below it); ``key`` is a relative
    path with ``/`` between its parts, unique among the entries and the same in every run from the same folder.
    ``below`` is the named folder that holds the file: links on the way from there are not followed. None for a file
    named itself.
    """

    path: Path
    key: str
    below: Path | None = None
    member: Member | None = field(default=None, compare=False)
    """The file in an archive."""
    unusable: Unusable | None = None
    """Why there is no file to read, where that is known already."""
    owner: Owner | None = None

    @property
    def shown(self) -> str:
        return os.fspath(self.path)

    def read(self, limits: Limits) -> Submission | Unusable:
        """Return the submission, read again at each call, or why it cannot be graded."""
        if self.unusable is not None:
            return self.unusable
        if self.member is not None:
            return _read_member(self.member, self.shown, limits)
        try:
            return read_submission(self.path, limits, below=self.below)
        except UsageError:
            return Unusable(self.shown, "unreadable", "it was there when the batch began and is gone")


def _read_member(member: Member, shown: str, limits: Limits) -> Submission | Unusable:
    cap = cap_kib(shown, limits) * 1024
    try:
        source = member.read() if member.size <= cap else b""
    except ArchiveError as error:
        return Unusable(shown, "unreadable", f"it cannot be read: {error}")
    return submission_from(source, member.size, shown, limits)
