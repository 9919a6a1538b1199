"""What a learner may see: hidden cases leave the Report here, before any renderer, so that none can show them.

What holds hidden information is dropped, not searched for: hidden checks as a whole, and every text that was
written by someone who had seen a hidden case.  A finding is told in full when it was made from public cases alone,
which is known in two ways: it comes from ``public_findings`` (the diagnosis run again on the public part of the
observation), or all cases that it rests on are public.  They come in the order that they have there, up to the first
that the whole run refutes.  Of all other findings one is told at most, the first of the most severe ones, when it is
more severe than those: its code and severity, in general words.  It has no place in the file, no count and no list of
cases: a program can choose the line on which it fails, and the cases on which it does, by the inputs that it was
given.  For the same reason the time and memory of the whole run are told in coarse steps, and nothing of the lane.

What remains is what a learner must be told anyway: the verdict, the score, what became of the pitfalls, and codes.
docs/security.md says how much that can be.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from judge.model import CheckId, CheckKind, CheckResult, Finding, Json, Outcome, Report, Severity, Visibility

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
    carry that itself.  ``titles``: the titles of the findings' pages by code, for those that must be told in general
    words.  Redacting twice changes nothing.
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
    """What public cases show, in the words of one who saw no others; then one finding more, if that is graver."""
    ids = {check.id for check in hidden}
    codes = {finding.code for finding in findings}
    told = list(takewhile(lambda finding: finding.code in codes, safe))
    if not safe:
        resting = [finding for finding in findings if _rests_on_public(finding, hidden, ids)]
        told = sorted(resting, key=lambda finding: finding.code)
    yield from told
    known = {finding.code for finding in told}
    others = [finding for finding in findings if finding.code not in known]
    gravest = min((_gravity(finding) for finding in told), default=len(Severity))
    more = min(others, key=_gravity, default=None)
    if more is not None and _gravity(more) < gravest:
        shown = {check for check in more.checks if check == CheckId.of(CheckKind.PITFALL, more.code)} - ids
        yield Finding(
            code=more.code,
            severity=more.severity,
            title=titles.get(more.code) or more.code.replace("-", " ").capitalize(),
            message=GENERAL_WORDS,
            checks=tuple(shown),
            read_next=(f"judge explain {more.code}",),
        )


def _gravity(finding: Finding) -> int:
    return list(Severity).index(finding.severity)


def _rests_on_public(finding: Finding, hidden: Sequence[CheckResult], ids: Collection[str]) -> bool:
    """Whether a finding can have seen no hidden case.

    One that names cases was measured on those.  One that names none may have been measured on any case that ran.
    In both, naming a hidden case shows that it has.
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
    """A public case tells of itself alone; what a pitfall was seen on is not told."""
    return check if check.kind is CheckKind.CASE else replace(check, reason="", stdout="")


STEPS = {"wall_s": 5.0, "peak_memory_mib": 256.0}
"""What figures of the whole run are rounded up to, hidden cases being part of it; no other is told."""


def _timing(timing: Mapping[str, Json], *, coarse: bool) -> Mapping[str, Json]:
    """Figures and the lane; where hidden cases are part of it, in steps and without the lane."""
    figures = {name: value for name, value in timing.items() if isinstance(value, int | float)}
    if not coarse:
        return {**figures, **{name: value for name, value in timing.items() if name == "lane"}}
    return {
        name: math.ceil(figures[name] / step) * step
        for name, step in STEPS.items()
        if name in figures and math.isfinite(figures[name])
    }
