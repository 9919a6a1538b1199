"""An explanation of failed cases, from which a finding is made, and all explanations of a run so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from judge.model import Json, Severity, SourceSpan


@dataclass(frozen=True)
class Explanation:
    """The parts of a finding, and the failed cases that it explains."""

    code: str
    severity: Severity
    title: str
    happened: str
    matters: str
    question: str
    span: SourceSpan | None
    facts: Mapping[str, Json]
    read_on: tuple[str, ...]
    """Further pages to read."""
    cases: tuple[str, ...] = ()
    """The failed cases that it explains."""
    pitfalls: tuple[str, ...] = ()
    """The pitfalls whose checks show it."""
    shown_in: tuple[str, ...] = ()
    """Further cases that show it, first of all."""
    set_aside: tuple[str, ...] = ()
    """Cases with wrong answers that a mistake fitting most others does not fit. Their course shows that mistake too,
    so it is not used."""
    replaces: Explanation | None = None
    """An earlier explanation that is a part of this one."""


@dataclass(frozen=True)
class Explained:
    """The explanations of a run so far, in the order of its findings."""

    explanations: tuple[Explanation, ...] = ()

    @cached_property
    def cases(self) -> frozenset[str]:
        return frozenset(case for one in self.explanations for case in one.cases)

    @cached_property
    def set_aside(self) -> frozenset[str]:
        return frozenset(case for one in self.explanations for case in one.set_aside)

    @cached_property
    def pitfalls(self) -> frozenset[str]:
        return frozenset(pitfall for one in self.explanations for pitfall in one.pitfalls)

    def error(self, code: str) -> Explanation | None:
        """Return the first error with this code."""
        errors = (one for one in self.explanations if one.severity is Severity.ERROR)
        return next((one for one in errors if one.code == code), None)

    def and_then(self, new: Iterable[Explanation]) -> Explained:
        """Return these explanations and new ones after them, of those the ones that explain most cases first."""
        ordered = sorted(new, key=lambda one: -len(one.cases))
        replaced = {id(one.replaces) for one in ordered}
        return Explained((*(one for one in self.explanations if id(one) not in replaced), *ordered))
