"""Blackboard: ``{assignment}_{user}_attempt_{date}_{file}``, and a text without ``_{file}`` that names the learner."""

from __future__ import annotations

import re

from judge.submissions.rosters.owner import Learner, Owner, Source, own_name

_FILE = re.compile(
    r"(?P<assignment>.+)_(?P<id>[^_]+)_attempt_(?P<date>\d{4}(?:-\d{2}){5})(?P<rest>_(?P<file>.+)|\.txt)"
)
_NAME = re.compile(r"^Name:[ \t]*(?P<name>.*?)[ \t]*\((?P<id>[^()\n]+)\)[ \t]*\r?$", re.MULTILINE)


def owners(source: Source) -> dict[str, Owner]:
    """Return the owners of the files whose names Blackboard made."""
    matches = {path: match for path in source.files if (match := _FILE.fullmatch(own_name(path)))}
    names = {}
    ids = {}
    for path, match in matches.items():
        said = None if match["file"] else _NAME.search(source.text_of(path))
        if said is not None:
            # An assignment and a user may both have underscores: the text says where the user begins.
            whole = f"{match['assignment']}_{match['id']}"
            if whole.endswith(f"_{said['id']}"):
                ids[_attempt(path, match)] = said["id"]
            names[said["id"]] = said["name"]
    found = {}
    for path, match in matches.items():
        user = ids.get(_attempt(path, match), match["id"])
        found[path] = Owner(
            learners=(Learner(user, names.get(user, "")),),
            file=match["file"] or "",
            attempt=match["date"],
            place=own_name(path)[: match.start("rest")],
        )
    return found


def _attempt(path: str, match: re.Match[str]) -> str:
    """Return what all files of one attempt share: all of the name that comes before the learner's own."""
    return own_name(path)[: match.start("rest")]
