"""The keys of the author's right solutions in goldens, defined only here."""

from __future__ import annotations

REFERENCE = "reference"
ORACLE = "oracle"
_ACCEPTED = "accepted/"


def accepted(stem: str) -> str:
    """The key of an accepted variant, by its file's stem."""
    return f"{_ACCEPTED}{stem}"


def is_accepted(key: str) -> bool:
    return key.startswith(_ACCEPTED)


def is_right(key: str) -> bool:
    """Return True if the solution is right; all others are misconceptions, whose names have no slash."""
    return key in (REFERENCE, ORACLE) or is_accepted(key)
