"""Brightspace: ``{folder}-{user} - {Name} - {date}/``, one folder for each attempt; the name may be that of a group."""

from __future__ import annotations

import re
from datetime import datetime

from judge.submissions.rosters.owner import Learner, Owner, Source

_PART = re.compile(r"\d+-(?P<id>\d+) ?- (?P<name>.+?) ?- (?P<date>[^/]*\d{4}[^/]*)")
_DATES = (
    "%b %d, %Y %I%M %p",
    "%B %d, %Y %I%M %p",
    "%d %B, %Y %H%M",
    "%d %b, %Y %H%M",
    "%b %d, %Y %H%M",
    "%B %d, %Y %H%M",
)


def owners(source: Source) -> dict[str, Owner]:
    """Return the owners of the files and folders at or below a name that Brightspace made."""
    found = {}
    for path in (*source.files, *source.folders):
        parts = path.split("/")
        for number, part in enumerate(parts):
            match = _PART.fullmatch(part)
            if match is not None:
                found[path] = Owner(
                    learners=(Learner(match["id"], match["name"]),),
                    file="/".join(parts[number + 1 :]),
                    attempt=_sortable(match["date"]) or match["date"],
                    order_is_known=bool(_sortable(match["date"])),
                    place=part,
                )
                break
    return found


def _sortable(date: str) -> str:
    """Return the date so that later ones sort last; '' for one in a form that is not known."""
    text = " ".join(date.replace(":", "").split())
    for form in _DATES:
        try:
            return datetime.strptime(text, form).strftime("%Y-%m-%d %H:%M")
        except ValueError:
            continue
    return ""
