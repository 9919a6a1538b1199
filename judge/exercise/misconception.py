"""The noun of the bank of wrong solutions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from judge.vocabulary import Blame, Difference, Evidence


@dataclass(frozen=True)
class Misconception:
    """One wrong solution, its page, and what its ``MISCONCEPTION`` literal declares.

    In a public pack ``source`` is empty, and a misconception is named by its code.
    """

    name: str
    """Unique: the file's stem with hyphens. Goldens and the ``sees`` of cases use it."""
    code: str
    """The finding's code; shared by files that are forms of the same mistake."""
    title: str
    page: str
    path: Path
    source: bytes
    numeric: bool = True
    raises: str | None = None
    pitfall: str | None = None
    same_numbers_as: frozenset[str] = frozenset()
    """Names of others that return the same numbers on every case, so that only structure tells them apart."""
    noisy: bool = False
    """Its own numbers depend on rounding (jit or eager, the machine), so a submission need not match them exactly."""
    evidence: Evidence | None = None
    """The evidence in a run that supports it among misconceptions of equal numbers."""
    blame: Blame | None = None
    """The place to show in a file with this mistake."""
    differences: tuple[Difference, ...] = ()
    """First differences from the reference's run that are this mistake."""
    line: int = 1
    """The line of the declaration."""
