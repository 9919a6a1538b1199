"""The class at a glance: key numbers, plots, the heat map, and the rows' data for the script."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from judge.model import Json, Report, Verdict
from judge.reports.formats.html.common_findings import (
    CommonFinding,
    common_findings,
    first_title,
    most_common,
)
from judge.reports.formats.html.groups import by_finding, identical_files
from judge.reports.formats.html.heat_map import check_ids, check_label, heat_map, outcomes
from judge.reports.formats.html.kill_matrix import kill_matrix
from judge.reports.formats.html.people import ids_of, names_of
from judge.reports.formats.html.plots import Bar, bars, histogram
from judge.reports.formats.html.submission import line, name
from judge.reports.formats.html.table import table
from judge.reports.formats.html.template import fill
from judge.reports.phrases import VERDICT_WORDS, counted, number
from judge.reports.queries import counts, share, timing
from judge.submissions.rosters import Owner

MAX_FINDING_BARS = 12


def class_data(reports: Sequence[Report], owners: Mapping[str, Owner]) -> Json:
    """Return the data for sorting, filtering and the heat map's pointer, one row per report in the page's order."""
    found = common_findings(reports)
    place_of = {one.code: one.place for one in found}
    ids = check_ids(reports)
    return {
        "checks": [check_label(check_id) for check_id in ids],
        "rows": [
            {
                "path": f"{names_of(report, owners)} {name(report)}".strip(),
                "learners": ids_of(report, owners),
                "words": VERDICT_WORDS[report.verdict],
                "verdict": report.verdict.rank,
                "share": share(report.points, report.out_of),
                "passed": counts(report.checks).passed,
                "finding": first_title(report),
                "wall": timing(report, "wall_s"),
                "memory": timing(report, "peak_memory_mib"),
                "codes": sorted({place_of[one.code] for one in report.findings}),
                "outcomes": outcomes(report, ids),
            }
            for report in reports
        ],
        "codes": [[line(one.code), one.title] for one in found],
    }


def class_view(reports: Sequence[Report], matrix: Json, owners: Mapping[str, Owner], ungraded: int) -> Markup:
    """Return the overview part of the page."""
    findings, alike = by_finding(reports, owners), identical_files(reports, owners)
    title = next((report.exercise_title for report in reports), "No submissions")
    weak = sum(not report.isolation.level.holds_strangers for report in reports)
    parts = [("plots", "Overview")] if reports else []
    parts += [("by-finding", "Findings")] if findings else []
    parts += [("identical-files", "Identical files")] if alike else []
    parts += [("map", "Heat map")] if reports else []
    parts += [("cases", "Cases")] if matrix else []
    parts += [("submissions", "Submissions")] if reports else []
    return fill(
        "overview.html",
        title=line(title),
        facts=[line(fact) for fact in _facts(reports)],
        weak=counted(weak, "submission") if weak else "",
        ungraded=counted(ungraded, "submission") if ungraded else "",
        parts=parts,
        rows=bool(reports),
        by_finding=findings,
        identical_files=alike,
        heat_map=heat_map(reports) if reports else "",
        kill_matrix=kill_matrix(matrix) if matrix else "",
        table=table(reports, owners) if reports else "",
        **(_numbers(reports) if reports else {}),
    )


def _facts(reports: Sequence[Report]) -> list[str]:
    exercises = sorted({report.exercise for report in reports})
    facts = [counted(len(reports), "submission")]
    facts += [f"exercise {', '.join(exercises[:3])}"] if exercises else []
    redacted = max((report.redacted_cases for report in reports), default=0)
    facts += [f"{counted(redacted, 'hidden case')} not shown"] if redacted else []
    return facts


def _numbers(reports: Sequence[Report]) -> dict[str, Json]:
    """Return key numbers and plots."""
    found = most_common(common_findings(reports))
    shares = [one for report in reports if (one := share(report.points, report.out_of)) is not None]
    times = [one for report in reports if (one := timing(report, "wall_s")) is not None]
    by_verdict = Counter(report.verdict for report in reports)
    verdicts = [
        Bar(VERDICT_WORDS[one], by_verdict[one], f"v-{one.value}", f"verdict:{one.rank}")
        for one in Verdict
        if by_verdict[one]
    ]
    findings = [
        Bar(one.title, one.many, f"s-{one.severity.value}", f"code:{one.place}", line(one.code))
        for one in found[:MAX_FINDING_BARS]
    ]
    return {
        "tiles": list(_tiles(reports, found, shares, times)),
        "verdicts": bars(verdicts, len(reports)),
        "findings": bars(findings, len(reports)),
        "scores": histogram(shares, 10, percent=True, top=1.0),
        "times": histogram(times, 16, unit=" s"),
    }


def _tiles(
    reports: Sequence[Report], found: Sequence[CommonFinding], shares: Sequence[float], times: Sequence[float]
) -> Iterator[Json]:
    accepted = sum(report.verdict is Verdict.ACCEPTED for report in reports)
    yield _tile("Accepted", f"{accepted / len(reports):.0%}", f"{accepted:,} of {len(reports):,}")
    if shares:
        yield _tile(
            "Median score", f"{statistics.median(shares):.0%}", f"mean {statistics.fmean(shares):.0%}"
        )
    for common in found[:1]:
        yield _tile("Most common finding", f"{common.many:,}", common.title)
    if times:
        yield _tile(
            "Median time", f"{number(statistics.median(times), 3)} s", f"longest {number(max(times), 3)} s"
        )


def _tile(label: str, value: str, detail: str) -> Json:
    return {"label": label, "value": value, "detail": detail}
