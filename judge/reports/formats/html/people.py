"""The name of a submission on a class page: its learners where a roster tells them, else its path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from judge.model import Report
from judge.reports.formats.html.submission import line, name
from judge.submissions.rosters import Owner


@dataclass(frozen=True)
class Person:
    """A name on the page and the address of the page's part about that learner's submission."""

    name: str
    address: str


def people_of(report: Report, place: int, owners: Mapping[str, Owner]) -> list[Person]:
    """Return whom a submission is of; for nobody who is known, its path. ``place`` is its row on the page.

    A learner's address is made of the id, so that it is the same on every page of the class.
    """
    owner = owners.get(report.path)
    if owner is None or not owner.learners:
        return [Person(name(report), f"#submission-{place}")]
    return [
        Person(line(learner.name or learner.id), f"#learner-{quote(learner.id, safe='', errors='replace')}")
        for learner in owner.learners
    ]


def names_of(report: Report, owners: Mapping[str, Owner]) -> str:
    """Return the learners' names, with what the platform says of the hand-in; '' for nobody who is known."""
    owner = owners.get(report.path)
    if owner is None or not owner.learners:
        return ""
    names = ", ".join(line(learner.name or learner.id) for learner in owner.learners)
    return f"{names} (late)" if owner.late else names


def ids_of(report: Report, owners: Mapping[str, Owner]) -> list[str]:
    """Return the parts of addresses that open this submission."""
    owner = owners.get(report.path)
    return [] if owner is None else [quote(one.id, safe="", errors="replace") for one in owner.learners]
