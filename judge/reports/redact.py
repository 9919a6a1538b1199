"""What a learner may see: hidden cases leave the Report here, before any renderer, so that none can show them.

What holds hidden information is dropped, not searched for: hidden checks as a whole, and every text that was
written by someone who had seen a hidden case.  A finding's text is kept when it was made from public cases alone,
which is known in two ways: it comes from ``public_findings`` (the diagnosis run again on the public part of the
observation), or all cases that it rests on are public.  Any other finding keeps its code, severity and place in
the learner's file, and says in general words where it shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from judge.model import CheckKind, CheckResult, Finding, Json, Outcome, Report, Visibility
from judge.reports.words import counted

LEARNER = "learner"
STAFF = "staff"


def redact(
    report: Report,
    audience: str = LEARNER,
    *,
    public_findings: Sequence[Finding] = (),
    titles: Mapping[str, str] | None = None,
) -> Report:
    """The report for this audience; for staff the report itself.

    ``public_findings``: what the diagnosis says when it is given the public cases only, if the report does not
    carry that itself.  ``titles``: the fixed
    titles of findings by code, for those that must be told in general words.  Redacting twice changes nothing.
    """
    if audience == STAFF:
        return report
    hidden = [check for check in report.checks if check.visibility is Visibility.HIDDEN]
    dropped = sum(check.kind is CheckKind.CASE for check in hidden)
    redacted = replace(
        report,
        audience=audience,
        redacted_cases=report.redacted_cases + dropped,
        timing=_timing(report.timing),
        public_findings=(),
    )
    if not hidden:
        return redacted
    safe = {finding.code: finding for finding in (*report.public_findings, *public_findings)}
    return replace(
        redacted,
        checks=tuple(_check(check) for check in report.checks if check.visibility is Visibility.PUBLIC),
        findings=tuple(_finding(finding, hidden, safe, titles or {}) for finding in report.findings),
    )


def _finding(
    finding: Finding, hidden: Sequence[CheckResult], safe: Mapping[str, Finding], titles: Mapping[str, str]
) -> Finding:
    ids = {check.id for check in hidden}
    public_checks = tuple(check for check in finding.checks if check not in ids)
    in_hidden = len(finding.checks) - len(public_checks)
    if finding.code in safe:
        told = safe[finding.code]
        return replace(told, severity=finding.severity, checks=tuple(c for c in told.checks if c not in ids))
    if not in_hidden and _rests_on_public(finding, hidden):
        return finding
    return Finding(
        code=finding.code,
        severity=finding.severity,
        title=titles.get(finding.code) or finding.code.replace("-", " ").capitalize(),
        message=_general_words(in_hidden),
        span=finding.span,
        checks=public_checks,
    )


def _rests_on_public(finding: Finding, hidden: Sequence[CheckResult]) -> bool:
    """Whether a finding without a hidden check can have seen no hidden case.

    One that names cases was measured on those.  One that names none may have been measured on any case that ran.
    In both, naming a hidden case shows that it has.
    """
    if _names_one(finding, hidden):
        return False
    if any(check.startswith("case:") for check in finding.checks):
        return True
    return all(check.outcome is Outcome.NOT_REACHED for check in hidden)


def _names_one(finding: Finding, hidden: Sequence[CheckResult]) -> bool:
    text = "\n".join((finding.title, finding.message, repr(finding.facts), *finding.read_next))
    names = {check.id.rpartition("/")[2] for check in hidden}
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in names)


def _general_words(in_hidden: int) -> str:
    where = f" It shows in {counted(in_hidden, 'hidden case')}." if in_hidden else ""
    return (
        f"What was measured here involves hidden cases, so the numbers are left out.{where}\n\n"
        "The page on this finding describes the mistake and how it comes about. Which of the things it describes "
        "does your file do?"
    )


def _check(check: CheckResult) -> CheckResult:
    """A public case tells of itself alone; what a pitfall was seen on is not told."""
    return check if check.kind is CheckKind.CASE else replace(check, reason="", stdout="")


def _timing(timing: Mapping[str, Json]) -> Mapping[str, Json]:
    """Figures and the lane; why it was that lane can name the shape of a hidden case."""
    return {name: value for name, value in timing.items() if isinstance(value, int | float) or name == "lane"}
