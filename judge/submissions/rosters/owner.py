"""The learner, or the learners, to whom a platform says that a file belongs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Learner:
    """A person as the platform names them; ``name`` may be empty, for one."""

    id: str
    name: str = ""


@dataclass(frozen=True)
class Owner:
    """A platform's facts about a file or folder that was handed in.

    ``attempt`` is a text that sorts the newest attempt last, and is equal for the files of one attempt; ``version``
    does the same for files of one name within an attempt.  ``place`` is the name under which the platform takes
    feedback for it: a folder, or the beginning of a file's name.
    """

    learners: tuple[Learner, ...]
    file: str = ""
    """The file's name as the learner gave it."""
    attempt: str = ""
    version: int = 0
    order_is_known: bool = True
    """False where the attempt's date is in a form that nothing here can read."""
    late: bool = False
    group: str = ""
    place: str = ""
    platform: str = ""
    """The platform whose ids these are, or the pattern that told them."""

    @property
    def key(self) -> tuple[str, ...]:
        """The identity that all attempts of the same people share."""
        return tuple(sorted(learner.id for learner in self.learners))


@dataclass(frozen=True)
class Source:
    """The names in a folder or archive, relative and with ``/`` between their parts.

    ``text_of(name)`` returns the text of one of the platform's own files; '' when it cannot be read.
    """

    files: tuple[str, ...]
    folders: tuple[str, ...]
    text_of: Callable[[str], str]


def own_name(path: str) -> str:
    """Return the last part of a path."""
    return path.rpartition("/")[2]
