"""The class by what its submissions share: who has which finding, and which files are equal byte for byte."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from judge.model import Json, Report
from judge.reports.formats.html.common_findings import common_findings, most_common
from judge.reports.formats.html.people import people_of
from judge.reports.formats.html.template import fill
from judge.submissions.rosters import Owner

OPEN = 3
"""Findings whose names are shown at once; the others unfold."""


def by_finding(reports: Sequence[Report], owners: Mapping[str, Owner]) -> Markup | str:
    """Return the section that says for each finding, the most common first, who has it; '' without findings."""
    groups = [
        {
            "title": one.title,
            "code": one.code,
            "severity": one.severity.value,
            **_members(places, reports, owners),
        }
        for one in most_common(common_findings(reports))
        if (places := [at for at, report in enumerate(reports) if _has(report, one.code)])
    ]
    return fill("by_finding.html", groups=groups, open=OPEN) if groups else ""


def identical_files(reports: Sequence[Report], owners: Mapping[str, Owner]) -> Markup | str:
    """Return the section about files that are equal byte for byte, the largest group first; '' where all differ."""
    by_digest: dict[str, list[int]] = {}
    for place, report in enumerate(reports):
        if report.sha256:
            by_digest.setdefault(report.sha256, []).append(place)
    alike = sorted((places for places in by_digest.values() if len(places) > 1), key=lambda one: -len(one))
    if not alike:
        return ""
    return fill("identical_files.html", groups=[_members(places, reports, owners) for places in alike])


def _has(report: Report, code: str) -> bool:
    return any(finding.code == code for finding in report.findings)


def _members(places: Sequence[int], reports: Sequence[Report], owners: Mapping[str, Owner]) -> Json:
    """Return the people behind some submissions and how many they are, in words."""
    people = [person for place in places for person in people_of(reports[place], place, owners)]
    known = all(reports[place].path in owners for place in places)
    noun = ("person" if len(people) == 1 else "people") if known else "submission" + "s" * (len(people) != 1)
    return {"people": people, "many": f"{len(people):,} {noun}"}
