"""Renders finished reports for programs that use judge as a library."""

from __future__ import annotations

from collections.abc import Sequence

from judge.model import Report, UsageError
from judge.reports.formats import format_named


def render(report: Report | Sequence[Report], format: str = "text") -> str:
    """Return a report, or several in one document, in a format of ``judge --format``.

    Raises UsageError for an unknown format, for no report, and for several in a format that holds one.
    """
    chosen = format_named(format)
    if isinstance(report, Report):
        return chosen.render(report)
    if not report:
        raise UsageError("there is no report to render")
    if chosen.render_batch is None:
        raise UsageError(f"{chosen.name} holds one submission, and there are {len(report)}")
    return chosen.render_batch(list(report))
