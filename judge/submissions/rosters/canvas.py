"""Canvas: ``{name}[_LATE]_{user}_{attachment}_{file}``, or ``[LATE_]anon_{id}_{attachment}_{file}``.

Canvas numbers uploads of one name: ``solve.py``, ``solve-1.py``; the attachment's number tells which is newer. The name
is the learner's sortable name in small letters without blanks and signs, or that of the group, as Canvas wrote it.
"""

from __future__ import annotations

import re

from judge.submissions.rosters.owner import Learner, Owner, Source, own_name

_NAMED = re.compile(r"(?P<name>.+?)(?P<late>_LATE)?_(?P<id>\d+)_(?P<attachment>\d+)_(?P<file>.+)")
_ANONYMOUS = re.compile(r"(?P<late>LATE_)?(?P<id>anon_[A-Za-z0-9]+)_(?P<attachment>\d+)_(?P<file>.+)")
_NUMBERED = re.compile(r"-\d+(?=\.[^.]*$|$)")


def owners(source: Source) -> dict[str, Owner]:
    """Return the owners of the files whose names Canvas made."""
    found = {}
    for path in source.files:
        name = own_name(path)
        match = _ANONYMOUS.fullmatch(name) or _NAMED.fullmatch(name)
        if match is None:
            continue
        said = match.groupdict()
        found[path] = Owner(
            learners=(Learner(said["id"], said.get("name") or ""),),
            file=_NUMBERED.sub("", said["file"]),
            version=int(said["attachment"]),
            late=bool(said["late"]),
            place=name[: match.start("file")],
        )
    return found
