"""Classroom 50: a repository ``{classroom}-{assignment}-{username}/`` each, and ``scores.csv`` that lists the class.

A group has one repository, named after the member who made it; the others have its address in the list.
"""

from __future__ import annotations

import csv
import io

from judge.submissions.rosters.owner import Learner, Owner, Source

LIST = "scores.csv"


def owners(source: Source) -> dict[str, Owner]:
    """Return the owners of the files and folders of the repositories whose users a list beside them names."""
    found = {}
    folders = set(source.folders)
    for listed in (path for path in source.files if path.rpartition("/")[2] == LIST):
        base = listed.removesuffix(LIST)
        people = _people(source.text_of(listed))
        known: dict[str, Owner | None] = {}
        for path in (*source.files, *source.folders):
            repository, _, rest = path.removeprefix(base).partition("/")
            if not path.startswith(base) or (not rest and path not in folders):
                continue
            if repository not in known:
                known[repository] = _owner(repository, people)
            owner = known[repository]
            if owner is not None:
                found[path] = Owner(
                    owner.learners, rest, late=owner.late, group=owner.group, place=repository
                )
    return found


def _people(text: str) -> list[dict[str, str]]:
    """Return the rows of the list; nothing from a text that is no such list."""
    try:
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    except csv.Error:
        return []
    return [{key: value or "" for key, value in row.items() if key} for row in rows if row.get("username")]


def _owner(repository: str, people: list[dict[str, str]]) -> Owner | None:
    named = [one for one in people if repository.lower().endswith(f"-{one['username'].lower()}")]
    if not named:
        return None
    makers = [max(named, key=lambda one: len(one["username"]))]  # "ann" also ends the repository of "jo-ann"
    members = makers + [
        one for one in people if one not in makers and repository in one.get("review_url", "").split("/")
    ]
    learners = tuple(Learner(one["username"], _name(one)) for one in members)
    late = any(one.get("late", "").lower() == "true" for one in members)
    return Owner(learners, late=late, group=repository if len(learners) > 1 else "")


def _name(person: dict[str, str]) -> str:
    return f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
