"""Decides whether a stored report still says what a new run would say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from judge.model import Limits, Report, Verdict
from judge.sandbox.levels import stronger_or_equal
from judge.sandbox.versions import installed
from judge.version import __version__


def current_versions() -> dict[str, str]:
    """Return the versions that make a report here, named as in its ``environment``; imports none of the libraries."""
    return {"judge": __version__, **installed()}


def stamped(report: Report) -> Report:
    """Return the report with the judge's version in its environment, which a later run compares."""
    return replace(report, environment={"judge": __version__, **report.environment})


@dataclass(frozen=True)
class Conditions:
    """The conditions of a run. ``accept`` is the weakest isolation level whose verdicts it accepts."""

    exercise_digest: str
    limits: Limits
    audience: str
    accept: str
    versions: Mapping[str, str]

    def hold_for(self, report: Report, sha256: str) -> bool:
        """Return whether this report is on these bytes and running them again could only repeat it.

        A judge error is never final: the next run tries again.
        """
        return (
            bool(sha256)
            and report.sha256 == sha256
            and report.verdict is not Verdict.JUDGE_ERROR
            and report.exercise_digest == self.exercise_digest
            and report.limits == self.limits
            and report.audience == self.audience
            and all(report.environment.get(name) == value for name, value in self.versions.items())
            and self._accepts(report.isolation.level)
        )

    def _accepts(self, level: str) -> bool:
        try:
            return stronger_or_equal(level, self.accept)
        except ValueError:
            return False
