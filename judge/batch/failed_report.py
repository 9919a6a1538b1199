"""The report on a submission on which the judge itself failed: it has the verdict ``judge-error``, and no score."""

from __future__ import annotations

from dataclasses import replace

from judge.batch.batch import UNKNOWN
from judge.batch.pool import Read
from judge.model import Finding, Limits, Report, Severity, Verdict
from judge.observed import AnswerKey, report_unusable
from judge.submission import Unusable, is_notebook, text_of


def failed_report(key: AnswerKey, limits: Limits, read: Read, reason: str) -> Report:
    """Return the report on a submission on which the judge itself failed."""
    unusable = Unusable(read.path, "unreadable", reason)
    blank = report_unusable(key, unusable, UNKNOWN, limits)
    finding = Finding(
        code="judge-error",
        severity=Severity.ERROR,
        title="The judge failed",
        message=f"The judge failed on this submission, and tried again where that may help: {reason}\n\n"
        "This says nothing about the submission. Grading it again may help.",
    )
    failed = replace(blank, verdict=Verdict.JUDGE_ERROR, findings=(finding,))
    if isinstance(read, Unusable):
        return failed
    source = "" if is_notebook(read.path) and read.notebook is None else text_of(read.source)
    return replace(failed, sha256=read.sha256, source=source, notebook=read.notebook)
