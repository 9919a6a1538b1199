"""Finds the learners who handed in a file: one module for each learning platform, and the registry that finds them.

A platform's module reads the names that its download gives to files and folders.  It defines

    def owners(source: Source) -> dict[str, Owner]

which returns the owner of each file and folder whose name, or the platform's own list beside them, tells one.  Adding a
platform is adding its module, and its name to PLATFORMS.  No file of a learner is read here.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from judge.model import UsageError
from judge.submissions.rosters.owner import Learner, Owner, Source, own_name

__all__ = [
    "AUTO",
    "PLATFORMS",
    "Assigned",
    "Learner",
    "Owner",
    "Source",
    "assign",
    "check_roster",
    "own_name",
]

AUTO = "auto"
PLATFORMS = ("gradescope", "moodle", "brightspace", "blackboard", "canvas", "classroom50")
"""In the order in which ``auto`` prefers them where two fit equally well: the most particular names first."""

GROUPS = ("id", "name", "attempt", "late", "file", "group")
"""The named groups that a pattern may have; it needs ``id`` or ``name``."""


@dataclass(frozen=True)
class Assigned:
    """The owners of files and folders, by name, and the platform, or pattern, that told them; '' when none fits."""

    roster: str
    owners: Mapping[str, Owner] = field(default_factory=dict)


def check_roster(roster: str) -> None:
    """Raise UsageError unless this is ``auto``, a platform or a pattern with the groups that it needs."""
    if roster != AUTO and roster not in PLATFORMS:
        _pattern(roster)


def assign(roster: str, source: Source, candidates: Sequence[str]) -> Assigned:
    """Return the owners that the platform or pattern tells; for ``auto`` those of the one that fits most candidates."""
    if roster == AUTO:
        found = [(name, _owners_by(name)(source)) for name in PLATFORMS]
        known = [(sum(one in owners for one in candidates), name, owners) for name, owners in found]
        many, name, owners = max(known, key=lambda one: one[0])
        # A few names that look like a platform's are chance.
        return _assigned(name, owners) if many and 2 * many >= len(candidates) else Assigned("")
    if roster in PLATFORMS:
        return _assigned(roster, _owners_by(roster)(source))
    return _assigned(roster, _owners_by_pattern(_pattern(roster), source))


def _assigned(roster: str, owners: dict[str, Owner]) -> Assigned:
    return Assigned(roster, {name: replace(owner, platform=roster) for name, owner in owners.items()})


def _owners_by(platform: str) -> Callable[[Source], dict[str, Owner]]:
    owners: Callable[[Source], dict[str, Owner]] = importlib.import_module(f"{__name__}.{platform}").owners
    return owners


def _pattern(text: str) -> re.Pattern[str]:
    known = f"{AUTO}, {', '.join(PLATFORMS)}"
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise UsageError(f"--roster {text}: is none of {known}, and no regular expression: {error}") from None
    if not {"id", "name"} & set(pattern.groupindex):
        raise UsageError(
            f"--roster {text}: is none of {known}; a regular expression needs a group (?P<id>...) or (?P<name>...)"
        )
    unknown = sorted(set(pattern.groupindex) - set(GROUPS))
    if unknown:
        raise UsageError(
            f"--roster {text}: unknown groups {', '.join(unknown)}; known are {', '.join(GROUPS)}"
        )
    return pattern


def _owners_by_pattern(pattern: re.Pattern[str], source: Source) -> dict[str, Owner]:
    """Return the owner of every path in which the pattern is found."""
    owners = {}
    for path in (*source.files, *source.folders):
        found = pattern.search(path)
        if found is None:
            continue
        said = {name: text or "" for name, text in found.groupdict().items()}
        name = said.get("name", "")
        owners[path] = Owner(
            learners=(Learner(said.get("id") or name, name),),
            file=said.get("file") or own_name(path),
            attempt=said.get("attempt", ""),
            late=bool(said.get("late")),
            group=said.get("group", ""),
        )
    return owners
