"""Exit statuses of the command line, in one place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judge.model import Report

ACCEPTED, NOT_ACCEPTED, USAGE, JUDGE_ERROR, INTERRUPTED = 0, 1, 2, 3, 130


def status_of(reports: Iterable[Report]) -> int:
    """Return 0 when all are accepted, 3 when the judge failed on any, else 1."""
    from judge.model import Verdict

    verdicts = {report.verdict for report in reports}
    if Verdict.JUDGE_ERROR in verdicts:
        return JUDGE_ERROR
    return ACCEPTED if verdicts <= {Verdict.ACCEPTED} else NOT_ACCEPTED
