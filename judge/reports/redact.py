"""Redacts a Report for learners: hidden cases are removed here, before any renderer, so that none can show them.

Hidden information is dropped, not searched for: hidden checks as a whole, and every text that was written with
knowledge of a hidden case.  A finding is shown in full when it was made from public cases alone, which is known in
two ways: it comes from ``public_findings`` (the diagnosis run again on the public part of the observation), or all
cases that it rests on are public.  These findings keep the order of that diagnosis, up to the first that the whole
run refutes; a run that names no mistake refutes none.  Of all other findings at most one is shown, the first of the
most severe ones, if it is more severe than those: its code and severity, in general words.  It has no place in the
file, no count and no list of cases: a program can choose the line on which it fails, and the cases on which it does,
by the inputs that it was given.  For the same reason the time and memory of the whole run are given in coarse steps,
and the lane not at all.

What remains is what a learner must be told anyway: the verdict, the score, the results of the pitfalls, and codes.
docs/security.md says how much that can be.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from judge.model import CheckId, CheckKind, CheckResult, Finding, Json, Outcome, Report, Severity, Visibility

UNRECOGNISED = ("unrecognised-wrong-answer", "unrecognised-exception")
LEARNER = "learner"
STAFF = "staff"


def redact(
    report: Report,
    audience: str = LEARNER,
    *,
    public_findings: Sequence[Finding] = (),
    titles: Mapping[str, str] | None = None,
) -> Report:
    """Return the report for this audience; for staff the report itself.

    ``public_findings``: the diagnosis of the public cases alone, if the report does not contain it.  ``titles``: the
    titles of the findings' pages by code, for findings that must be described in general words.  Redacting twice
    changes nothing.
    """
    if audience == STAFF:
        return report
    hidden = [check for check in report.checks if check.visibility is Visibility.HIDDEN]
    dropped = sum(check.kind is CheckKind.CASE for check in hidden)
    redacted = replace(
        report,
        audience=audience,
        redacted_cases=report.redacted_cases + dropped,
        timing=_timing(report.timing, coarse=bool(dropped)),
        public_findings=(),
    )
    if not hidden:
        return redacted
    ids = {check.id for check in hidden}
    safe = [finding for finding in (*report.public_findings, *public_findings) if not ids & {*finding.checks}]
    return replace(
        redacted,
        checks=tuple(_check(check) for check in report.checks if check.visibility is Visibility.PUBLIC),
        findings=tuple(_findings(report.findings, hidden, safe, titles or {})),
    )


def _findings(
    findings: Sequence[Finding],
    hidden: Sequence[CheckResult],
    safe: Sequence[Finding],
    titles: Mapping[str, str],
) -> Iterator[Finding]:
    """Yield the findings of the public cases alone; then one more finding, if that is more severe."""
    ids = {check.id for check in hidden}
    codes = {finding.code for finding in findings}
    more_than_all = _names_nothing_else(findings, {finding.code for finding in safe})
    told = list(takewhile(lambda finding: more_than_all or finding.code in codes, safe))
    if not safe:
        resting = [finding for finding in findings if _rests_on_public(finding, hidden, ids)]
        told = sorted(resting, key=lambda finding: finding.code)
    yield from told
    known = {finding.code for finding in told}
    others = [finding for finding in findings if finding.code not in known]
    gravest = min((finding.severity.rank for finding in told), default=len(Severity))
    more = min(others, key=lambda finding: finding.severity.rank, default=None)
    if more is not None and more.severity.rank < gravest:
        shown = {check for check in more.checks if check == CheckId.of(CheckKind.PITFALL, more.code)} - ids
        yield Finding(
            code=more.code,
            severity=more.severity,
            title=titles.get(more.code) or more.code.replace("-", " ").capitalize(),
            message=GENERAL_WORDS,
            checks=tuple(shown),
            read_next=(f"judge explain {more.code}",),
        )


def _names_nothing_else(findings: Sequence[Finding], public_codes: Collection[str]) -> bool:
    """Return whether all cases together name no mistake beyond those of the public cases, which then say more."""
    others = [one for one in findings if one.severity is Severity.ERROR and one.code not in public_codes]
    return bool(others) and all(one.code in UNRECOGNISED for one in others)


def _rests_on_public(finding: Finding, hidden: Sequence[CheckResult], ids: Collection[str]) -> bool:
    """Return whether a finding cannot rest on a hidden case.

    One that names cases was measured on those.  One that names none may have been measured on any case that ran.
    In both, naming a hidden case shows that it rests on one.
    """
    if any(check in ids for check in finding.checks) or _names_one(finding, hidden):
        return False
    if any(CheckId(check).kind == CheckKind.CASE for check in finding.checks):
        return True
    return all(check.outcome is Outcome.NOT_REACHED for check in hidden)


def _names_one(finding: Finding, hidden: Sequence[CheckResult]) -> bool:
    text = "\n".join((finding.title, finding.message, repr(finding.facts), *finding.read_next))
    names = {check.id.rpartition("/")[2] for check in hidden}
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in names)


GENERAL_WORDS = (
    "What was measured here involves hidden cases, so the numbers are left out.\n\n"
    "The page on this finding describes the mistake and how it comes about. Which of the things it describes "
    "does your file do?"
)


def _check(check: CheckResult) -> CheckResult:
    """Return a public case as it is; a pitfall without the text of what it was observed on."""
    return check if check.kind is CheckKind.CASE else replace(check, reason="", stdout="")


STEPS = {"wall_s": 5.0, "peak_memory_mib": 256.0}
"""Steps to which figures of the whole run are rounded up, as hidden cases are part of it; no other figure is shown."""


def _timing(timing: Mapping[str, Json], *, coarse: bool) -> Mapping[str, Json]:
    """Return figures and the lane; where hidden cases are part of them, in steps and without the lane."""
    figures = {name: value for name, value in timing.items() if isinstance(value, int | float)}
    if not coarse:
        return {**figures, **{name: value for name, value in timing.items() if name == "lane"}}
    return {
        name: math.ceil(figures[name] / step) * step
        for name, step in STEPS.items()
        if name in figures and math.isfinite(figures[name])
    }
