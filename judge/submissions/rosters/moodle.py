"""Moodle: ``{Name}_{id}_assignsubmission_file_/``, or the same before each file's name.

Where marking is blind, the name is ``Participant``. With groups Moodle writes ``{Group}-{Name}``, which a hyphen in a
name cannot be told from, so both are kept as the name. Each member of a team has a folder with the team's files in
it.
"""

from __future__ import annotations

import re

from judge.submissions.rosters.owner import Learner, Owner, Source

_PART = re.compile(r"(?P<name>[^/]+)_(?P<id>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?")
_ANONYMOUS = "Participant"


def owners(source: Source) -> dict[str, Owner]:
    """Return the owners of the files and folders at or below a name that Moodle made."""
    found = {}
    for path in (*source.files, *source.folders):
        for part, rest in _parts(path):
            match = _PART.fullmatch(part)
            if match is None:
                continue
            name = match["name"]
            found[path] = Owner(
                learners=(Learner(match["id"], "" if name == _ANONYMOUS else name),),
                file=match["file"] or rest,
                place=part.removesuffix(match["file"] or ""),
            )
            break
    return found


def _parts(path: str) -> list[tuple[str, str]]:
    """Return each part of a path with what follows it."""
    parts = path.split("/")
    return [(part, "/".join(parts[number + 1 :])) for number, part in enumerate(parts)]
