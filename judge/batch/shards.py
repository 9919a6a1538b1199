"""Shards: a class divided among runs that know nothing of each other, by what each file contains.

Files with equal bytes fall into one shard, so each program still runs once, and a late file moves no other.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from judge.model import Json, Limits, Submission, UsageError
from judge.submissions.entry import Entry

AUTO = "auto"
VARIABLES = ("JOB_COMPLETION_INDEX", "SLURM_ARRAY_TASK_ID", "AWS_BATCH_JOB_ARRAY_INDEX")
"""Where Kubernetes, Slurm and AWS Batch say which of N equal jobs this one is."""
MOST = 100_000


@dataclass(frozen=True)
class Shard:
    """One of ``of`` parts of a class, counted from 0; ``places`` are those of its submissions among all ``whole``."""

    number: int
    of: int
    whole: int = 0
    places: tuple[int, ...] = field(default=())
    names_sha256: str = ""
    """Of the names of the whole class: shards of one class agree on it."""

    def to_json(self, graded: Sequence[bool]) -> Json:
        """Return what the shard's summary says of it; ``graded`` tells for each place if it has a report."""
        return {
            "number": self.number,
            "of": self.of,
            "submissions": self.whole,
            "class": self.names_sha256,
            "places": list(self.places),
            "graded": list(graded),
        }


def parse_shard(text: str, environment: Mapping[str, str] = os.environ) -> Shard:
    """Read ``I/N`` or ``auto/N``. Raises UsageError."""
    match = re.fullmatch(rf"({AUTO}|[0-9]{{1,9}})/([0-9]{{1,9}})", text)
    if match is None:
        raise UsageError(f"--shard {text}: expected I/N or {AUTO}/N, as in 0/4 for the first of four")
    of = int(match[2])
    number = _number_from(environment, text) if match[1] == AUTO else int(match[1])
    if not 1 <= of <= MOST:
        raise UsageError(f"--shard {text}: there can be 1 to {MOST:,} shards")
    if number >= of:
        raise UsageError(
            f"--shard {text}: shards of {of:,} are numbered from 0 to {of - 1:,}, got {number:,}"
        )
    return Shard(number, of)


def _number_from(environment: Mapping[str, str], text: str) -> int:
    found = [(name, environment[name]) for name in VARIABLES if environment.get(name)]
    if len(found) != 1:
        names = ", ".join(name for name, _ in found) or f"none of {', '.join(VARIABLES)}"
        raise UsageError(f"--shard {text}: one variable has to say which shard this is; set: {names}")
    name, value = found[0]
    if not re.fullmatch("[0-9]{1,9}", value):
        raise UsageError(f"--shard {text}: {name} is {value!r:.40}, not a number from 0 up")
    return int(value)


def part_of(shard: Shard, entries: Sequence[Entry], limits: Limits) -> tuple[Shard, list[Entry]]:
    """Return the shard with its places in the class, and its entries."""
    places = tuple(
        at for at, entry in enumerate(entries) if _digest(entry, limits) % shard.of == shard.number
    )
    names = hashlib.sha256(
        "\0".join(entry.key for entry in entries).encode("utf-8", "surrogateescape")
    ).hexdigest()
    return Shard(shard.number, shard.of, len(entries), places, names), [entries[at] for at in places]


def _digest(entry: Entry, limits: Limits) -> int:
    """Return a number for what a submission contains; for one that cannot be read, for its name."""
    read = entry.read(limits)
    text = read.sha256 if isinstance(read, Submission) else entry.key
    return int.from_bytes(hashlib.sha256(os.fsencode(text)).digest()[:8], "big")
