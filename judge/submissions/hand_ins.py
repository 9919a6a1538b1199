"""Which file of each learner is the submission: the newest attempt's, and in it the file that defines the entry point.

All that is not chosen is listed with a reason, and where nothing tells which file is meant, that is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from judge.submission import is_notebook
from judge.submissions.listing import Item, LeftOut, Listing
from judge.submissions.rosters import Learner, Owner


@dataclass(frozen=True)
class Chosen:
    """A submission: a file, whose owner may be unknown, or an owner without one; ``instead`` is what was there then."""

    name: str
    item: Item | None = None
    owner: Owner | None = None
    instead: str = ""


@dataclass
class Choice:
    """The submissions of a class in the order of their names, what is not graded, and remarks for staff."""

    submissions: list[Chosen] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Owned:
    """A file or folder and its owner.

    ``item`` is None for a folder, ``candidate`` is False for files of other kinds.
    """

    name: str
    owner: Owner
    item: Item | None = None
    candidate: bool = False


def choose(
    listing: Listing,
    candidates: Sequence[Item],
    owners: Mapping[str, Owner],
    defines: Callable[[Item], bool],
) -> Choice:
    """Return one submission for each learner or group, and each candidate that belongs to nobody.

    ``defines(item)`` tells whether a file defines the entry point; it is called where a learner has several.
    """
    choice = Choice()
    groups: dict[tuple[str, ...], list[_Owned]] = {}
    files = [(item, True) for item in candidates] + [(item, False) for item in listing.others]
    for item, candidate in files:
        if item.name in owners:
            owned = _Owned(item.name, owners[item.name], item, candidate)
            groups.setdefault(owned.owner.key, []).append(owned)
        elif candidate:
            choice.submissions.append(Chosen(item.name, item))
    for name in listing.folders:
        if name in owners:
            groups.setdefault(owners[name].key, []).append(_Owned(name, owners[name]))
    for group in groups.values():
        choice.submissions.append(_chosen(group, defines, listing, choice))
    _count_everybody_once(choice, listing)
    choice.submissions.sort(key=lambda one: PurePosixPath(one.name))
    return choice


def entry_point_pattern(entry_point: str) -> re.Pattern[bytes]:
    """Return a pattern that is found in a source that defines the name at its top level; it needs linear time."""
    name = re.escape(entry_point.encode())
    ways = (
        rb"(?:async[ \t]+)?def[ \t]+%b\b",
        rb"%b[ \t]*(?::[^=\n]*)?=(?!=)",
        rb"(?:from|import)[ \t].*\b%b\b",
    )
    return re.compile(rb"^(?:%b)" % b"|".join(way % name for way in ways), re.MULTILINE)


def defines(entry_point: str, name: str, source: bytes) -> bool:
    """Return whether a file of this name defines the entry point; a notebook's code stands in texts of its JSON."""
    if is_notebook(name):
        source = source.replace(b"\\n", b"\n").replace(b'"', b"\n")
    return entry_point_pattern(entry_point).search(source) is not None


def _chosen(
    group: Sequence[_Owned], defines: Callable[[Item], bool], listing: Listing, choice: Choice
) -> Chosen:
    """Return the submission of one learner or group, and note in ``choice`` what is not."""
    files = [one for one in group if one.candidate]
    if not files:
        return _without_file(group)
    newest = max((one.owner.attempt for one in files), key=_natural)
    if any(_natural(one.owner.attempt) > _natural(newest) for one in group):
        choice.remarks.append(f"{_names(group)}: the newest attempt holds no program; the one before counts")
    if len({one.owner.attempt for one in files}) > 1 and not all(one.owner.order_is_known for one in files):
        choice.remarks.append(
            f"{_names(group)}: dates in an unknown form; {newest!r} is taken for the newest attempt"
        )
    current = [one for one in files if one.owner.attempt == newest]
    for one in files:
        if one.owner.attempt != newest:
            choice.left_out.append(LeftOut(listing.shown(one.name), "is of an earlier attempt"))
    latest = {one.owner.file: one for one in sorted(current, key=lambda one: one.owner.version)}
    for one in current:
        if one is not latest[one.owner.file]:
            choice.left_out.append(LeftOut(listing.shown(one.name), "was uploaded again later"))
    meant = _meant(list(latest.values()), defines, choice)
    for one in latest.values():
        if one is not meant:
            choice.left_out.append(
                LeftOut(listing.shown(one.name), "is another file of a learner who has one graded")
            )
    return Chosen(meant.name, meant.item, meant.owner)


def _meant(files: Sequence[_Owned], defines: Callable[[Item], bool], choice: Choice) -> _Owned:
    """Return the one that is the submission; where several could be, that is remarked."""
    readable = [one for one in files if one.item and not one.item.problem] or list(files)
    if len(readable) == 1:
        return readable[0]
    defining = [one for one in readable if one.item and defines(one.item)]
    fitting = defining or readable
    meant = max(fitting, key=lambda one: (one.owner.version, -one.name.count("/"), -len(one.name)))
    if len(fitting) > 1:
        which = "define" if defining else "could be the submission, and none defines"
        others = ", ".join(sorted(_shown_file(one) for one in fitting if one is not meant))
        choice.remarks.append(
            f"{_names(files)}: several files {which} the entry point; {_shown_file(meant)} is graded, not {others}"
        )
    return meant


def _without_file(group: Sequence[_Owned]) -> Chosen:
    names = [_shown_file(one) for one in group if one.item is not None]
    first = min(group, key=lambda one: (one.name.count("/"), PurePosixPath(one.name)))
    problems = [f"{_shown_file(one)} {one.item.problem}" for one in group if one.item and one.item.problem]
    there = f", only {', '.join(sorted(names)[:5])}" if names else ""
    instead = f"no Python file or notebook was handed in{there}{''.join(f'; {one}' for one in sorted(problems)[:5])}"
    return Chosen(first.name, None, first.owner, instead)


def _count_everybody_once(choice: Choice, listing: Listing) -> None:
    """Leave each learner in the newest of the submissions that name them, of a group or their own."""
    times = Counter(learner.id for one in choice.submissions if one.owner for learner in one.owner.learners)
    if max(times.values(), default=1) == 1:
        return
    seen: set[str] = set()
    kept = []
    with_file_and_newest = sorted(
        choice.submissions,
        key=lambda one: (one.item is not None, _natural(one.owner.attempt if one.owner else ""), one.name),
    )
    for one in reversed(with_file_and_newest):
        learners = one.owner.learners if one.owner else ()
        left = tuple(learner for learner in learners if learner.id not in seen)
        seen |= {learner.id for learner in learners}
        if one.owner is not None and len(left) < len(learners):
            again = ", ".join(_name(learner) for learner in learners if learner not in left)
            choice.remarks.append(f"{again}: a later submission counts, not {one.name}")
            one = replace(one, owner=replace(one.owner, learners=left))
        if left or one.owner is None:
            kept.append(one)
        else:
            choice.left_out.append(LeftOut(listing.shown(one.name), "is of an earlier attempt"))
    choice.submissions = kept


def _natural(text: str) -> list[tuple[int, str]]:
    """Return a key that sorts numbers within texts by their value."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d{1,18})", text)]


def _names(group: Sequence[_Owned]) -> str:
    return ", ".join(_name(learner) for learner in group[0].owner.learners)


def _name(learner: Learner) -> str:
    return learner.name or learner.id


def _shown_file(one: _Owned) -> str:
    return one.owner.file or one.name.rpartition("/")[2]
