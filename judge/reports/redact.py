"""What a learner may see: hidden cases leave the Report here, before any renderer, so that none can show them.

What holds hidden information is dropped, not searched for: hidden checks as a whole, and every text that was
written by someone who had seen a hidden case.  A finding is told in full when it was made from public cases alone,
which is known in two ways: it comes from ``public_findings`` (the diagnosis run again on the public part of the
observation), or all cases that it rests on are public.  Any other finding keeps its code and its severity, and says in
general words where it shows.  It has no place in the file: a program can choose the line on which it fails by the
input that it was given, and in a long file the number of a line holds as much as a number of an input.  For the same
reason the time and memory of the whole run are told in coarse steps.

What remains is what a learner must be told anyway: the verdict, the score, the codes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from judge.model import CheckKind, CheckResult, Finding, Json, Outcome, Report, Severity, Visibility
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
    """In the order of the findings, each code in the words of one who saw the public cases only."""
    ids = {check.id for check in hidden}
    for code in dict.fromkeys(finding.code for finding in findings):
        same = [finding for finding in findings if finding.code == code]
        strongest = min((finding.severity for finding in same), key=list(Severity).index)
        told = [finding for finding in safe if finding.code == code]
        if told:
            yield replace(told[0], severity=strongest)
            yield from told[1:]
            continue
        yield from (finding for finding in same if _rests_on_public(finding, hidden, ids))
        kept_back = [finding for finding in same if not _rests_on_public(finding, hidden, ids)]
        if kept_back:
            checks = dict.fromkeys(check for finding in kept_back for check in finding.checks)
            yield Finding(
                code=code,
                severity=strongest,
                title=titles.get(code) or code.replace("-", " ").capitalize(),
                message=_general_words(len(ids & checks.keys())),
                checks=tuple(check for check in checks if check not in ids),
                read_next=(f"judge explain {code}",),
            )


def _rests_on_public(finding: Finding, hidden: Sequence[CheckResult], ids: Collection[str]) -> bool:
    """Whether a finding can have seen no hidden case.

    One that names cases was measured on those.  One that names none may have been measured on any case that ran.
    In both, naming a hidden case shows that it has.
    """
    if any(check in ids for check in finding.checks) or _names_one(finding, hidden):
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


STEPS = {"wall_s": 1.0, "cpu_s": 1.0, "peak_memory_mib": 64.0}
"""What figures of the whole run are rounded up to, hidden cases being part of it."""


def _timing(timing: Mapping[str, Json], *, coarse: bool) -> Mapping[str, Json]:
    """Figures and the lane; why it was that lane can name the shape of a hidden case."""
    figures = {name: value for name, value in timing.items() if isinstance(value, int | float)}
    lane = {name: value for name, value in timing.items() if name == "lane"}
    if not coarse:
        return {**figures, **lane}
    rounded = {
        name: math.ceil(figures[name] / step) * step
        for name, step in STEPS.items()
        if name in figures and math.isfinite(figures[name])
    }
    return {**rounded, **lane}
