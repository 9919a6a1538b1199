"""The part of a report that a batch keeps in memory: enough for tables and counts, small enough for thousands.

The parts that take room (source, output, messages, numbers) are dropped; the rest of checks and findings is mostly
equal from one submission to the next, and equal parts are stored once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from judge.model import Report

T = TypeVar("T")


class ReportCompactor:
    """Makes compact reports that share their equal parts."""

    def __init__(self) -> None:
        self._known: dict[object, object] = {}

    def compact(self, report: Report) -> Report:
        """Return the report without what only its own page shows: with verdict, points, outcomes, codes, timing."""
        return replace(
            report,
            exercise=self._one(report.exercise),
            exercise_title=self._one(report.exercise_title),
            exercise_digest=self._one(report.exercise_digest),
            source="",
            stdout="",
            counterexample=None,
            public_findings=(),
            notebook=replace(report.notebook, notes=()) if report.notebook is not None else None,
            environment={},
            limits=self._one(report.limits),
            isolation=self._one(report.isolation),
            checks=tuple(
                self._one(
                    replace(
                        check,
                        expected=None,
                        got=None,
                        tolerance=None,
                        difference=None,
                        wall_s=None,
                        reason="",
                        stdout="",
                    )
                )
                for check in report.checks
            ),
            findings=tuple(
                self._keyed(
                    (finding.code, finding.severity, finding.title, finding.span),
                    replace(finding, message="", facts={}, checks=(), read_next=()),
                )
                for finding in report.findings
            ),
        )

    def _one(self, value: T) -> T:
        return self._known.setdefault(value, value)  # type: ignore[return-value]

    def _keyed(self, key: object, value: T) -> T:
        """Return the shared value, as `_one` does, for a value that is not hashable itself."""
        return self._known.setdefault(key, value)  # type: ignore[return-value]
