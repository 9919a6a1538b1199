"""One grade for each learner of a class, and what a platform would refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from judge.exports.policy import Policy, percentage
from judge.model import Report, UsageError
from judge.reports.phrases import counted
from judge.submissions.rosters import PLATFORMS, Learner, Owner

SHOWN = 5
"""Learners that a line names at most."""


@dataclass(frozen=True)
class HandedIn:
    """A graded submission: whose it is (None for nobody who is known), its key in the batch, and its light report.

    ``whole()`` returns the report for its learner, with all that a page shows; None where it could not be kept.
    """

    owner: Owner | None
    key: str
    report: Report
    whole: Callable[[], Report | None]


@dataclass(frozen=True)
class Grade:
    """A learner's grade; ``points`` is None where the judge failed."""

    learner: Learner
    points: Decimal | None
    percentage: Decimal | None
    report: Report


def grades(handed_in: Sequence[HandedIn], policy: Policy) -> list[Grade]:
    """Return the grades of all learners who are known, each member of a group with the group's."""
    return [
        Grade(learner, policy.grade(one.report), percentage(one.report), one.report)
        for one in handed_in
        if one.owner is not None
        for learner in one.owner.learners
    ]


def ungraded(handed_in: Sequence[HandedIn], policy: Policy) -> Iterator[str]:
    """Yield a line about the learners who have no grade: the judge's own failure is nobody's 0."""
    without = [one.learner for one in grades(handed_in, policy) if one.points is None]
    if without:
        yield f"no grade for {named(without)}: the judge failed on the submission, and the cell is left empty"


def check_learners(path: Path, platform: str, title: str, owners: Sequence[Owner]) -> Iterator[str]:
    """Yield a line about learners whom the platform would not find. Raises UsageError when it would find nobody."""
    if not owners:
        raise UsageError(f"{path}: nobody is known who could get a grade; --roster tells learners apart")
    foreign = {owner.platform for owner in owners} & set(PLATFORMS) - {platform}
    if foreign:
        raise UsageError(
            f"{path}: learners are known by their ids in {', '.join(sorted(foreign))}, and {title} has others"
        )
    learners = [learner for owner in owners for learner in owner.learners]
    unknown = [learner for learner in learners if not is_number(learner)]
    if len(unknown) == len(learners):
        raise UsageError(
            f"{path}: no learner has a number as {title} gives them, so an import would find nobody"
        )
    if unknown:
        yield f"{path}: not in it, as {title} would not find them without a number of its own: {named(unknown)}"


def is_number(learner: Learner) -> bool:
    """Return whether the learner's id is one that Canvas and Moodle give."""
    return learner.id.isascii() and learner.id.isdigit()


def named(learners: Sequence[Learner]) -> str:
    """Return the learners' names, or how many there are and the first names."""
    names = [learner.name or learner.id for learner in learners]
    if len(names) <= SHOWN:
        return ", ".join(names)
    return f"{counted(len(names), 'learner')} ({', '.join(names[:SHOWN])}, ...)"
