"""The combinations of Python, jax and flax that the judge was tried with; docs/support.md is made from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Combination:
    """Versions that were installed together, with what came out when submissions were graded with them."""

    python: str
    """The first two numbers."""
    jax: str
    flax: str
    optax: str
    numpy: str
    outcome: str
    """What differed; '' where every submission got the verdict, the points and the finding that the docs show."""


TRIED = (
    Combination("3.11", "0.10.2", "0.12.8", "0.2.8", "2.4.6", ""),
    Combination("3.11", "0.9.0", "0.12.0", "0.2.6", "2.4.6", ""),
    Combination("3.12", "0.10.2", "0.12.8", "0.2.8", "2.5.5", ""),
    Combination("3.12", "0.11.2", "0.12.12", "0.2.8", "2.5.5", ""),
    Combination(
        "3.12",
        "0.12.0.1",
        "0.12.12",
        "0.2.8",
        "2.5.5",
        "all as recorded; `pyproject.toml` does not allow it yet",
    ),
    Combination("3.13", "0.11.2", "0.12.12", "0.2.8", "2.5.5", ""),
)
"""One row for each, the versions of the goldens and of constraints.txt first."""


def is_tried(versions: Mapping[str, str]) -> bool:
    """Return whether Python, jax and flax were tried together; ``versions`` as `judge.sandbox.versions.installed`."""
    here = (_minor(versions.get("python", "")), versions.get("jax"), versions.get("flax"))
    return any(here == (one.python, one.jax, one.flax) for one in TRIED)


def notice_of(versions: Mapping[str, str]) -> str:
    """Return a line that says that this combination was not tried, or ''."""
    if is_tried(versions):
        return ""
    named = ", ".join(
        f"{title} {versions.get(name, 'unknown')}"
        for name, title in (("python", "Python"), ("jax", "jax"), ("flax", "flax"))
    )
    return f"{named}: this combination was not tried with judge; docs/support.md lists those that were"


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
