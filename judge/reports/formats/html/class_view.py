"""The class at a glance: key numbers, plots, the heat map, and what the script needs to know of all rows."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence

from judge.model import Json, Report, Verdict
from judge.reports.formats.html.common_findings import (
    CommonFinding,
    common_findings,
    first_title,
    most_common,
)
from judge.reports.formats.html.escape_html import text
from judge.reports.formats.html.heat_map import check_ids, check_label, heat_map, outcomes
from judge.reports.formats.html.kill_matrix import kill_matrix
from judge.reports.formats.html.plots import Bar, bars, histogram
from judge.reports.formats.html.submission import line, name
from judge.reports.formats.html.table import table
from judge.reports.phrases import VERDICT_WORDS, counted, number
from judge.reports.queries import counts, share, timing

MAX_FINDING_BARS = 12


def class_data(reports: Sequence[Report]) -> Json:
    """What sorting, filtering and pointing at the heat map need, one row per report in the page's order."""
    found = common_findings(reports)
    place_of = {one.code: one.place for one in found}
    ids = check_ids(reports)
    return {
        "checks": [check_label(check_id) for check_id in ids],
        "rows": [
            {
                "path": name(report),
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


def class_view(reports: Sequence[Report], matrix: Json) -> str:
    """The overview part of the page."""
    title = next((report.exercise_title for report in reports), "No submissions")
    parts = [
        '<main id="overview">',
        f'<header class="masthead"><h1>{text(line(title))}</h1><p class="soft">{_subtitle(reports)}</p></header>',
        _navigation(bool(reports), bool(matrix)),
    ]
    if reports:
        found = common_findings(reports)
        parts += [_tiles(reports, found), _plots(reports, found), heat_map(reports)]
    if matrix:
        parts.append(kill_matrix(matrix))
    parts += [table(reports) if reports else "<p>There is nothing to show.</p>", "</main>"]
    return "\n".join(parts)


def _subtitle(reports: Sequence[Report]) -> str:
    exercises = sorted({report.exercise for report in reports})
    facts = [counted(len(reports), "submission")]
    facts += [f"exercise {', '.join(exercises[:3])}"] if exercises else []
    redacted = max((report.redacted_cases for report in reports), default=0)
    facts += [f"{counted(redacted, 'hidden case')} not shown"] if redacted else []
    weak = sum(report.isolation.level not in ("strong", "good") for report in reports)
    stamp = f' <strong class="stamp">{counted(weak, "submission")} ran in a weak sandbox or none</strong>'
    return " · ".join(text(line(fact)) for fact in facts) + (stamp if weak else "")


def _navigation(some: bool, matrix: bool) -> str:
    links = [("plots", "Overview"), ("map", "Heat map")] if some else []
    links += [("cases", "Cases")] if matrix else []
    links += [("submissions", "Submissions")] if some else []
    listed = "".join(f'<li><a href="#{target}">{label}</a></li>' for target, label in links)
    return f'<nav aria-label="Parts of this page"><ul>{listed}</ul></nav>'


def _tiles(reports: Sequence[Report], found: Sequence[CommonFinding]) -> str:
    accepted = sum(report.verdict is Verdict.ACCEPTED for report in reports)
    shares = [one for report in reports if (one := share(report.points, report.out_of)) is not None]
    times = [one for report in reports if (one := timing(report, "wall_s")) is not None]
    tiles = [("Accepted", f"{accepted / len(reports):.0%}", f"{accepted:,} of {len(reports):,}")]
    if shares:
        tiles.append(
            ("Median score", f"{statistics.median(shares):.0%}", f"mean {statistics.fmean(shares):.0%}")
        )
    for common in most_common(found)[:1]:
        tiles.append(("Most common finding", f"{common.many:,}", common.title))
    if times:
        tiles.append(
            ("Median time", f"{number(statistics.median(times), 3)} s", f"longest {number(max(times), 3)} s")
        )
    return (
        '<section id="plots" class="tiles" aria-label="Key numbers">'
        + "".join(
            f'<div class="tile"><p class="label">{label}</p><p class="big">{text(value)}</p>'
            f'<p class="soft">{text(detail)}</p></div>'
            for label, value, detail in tiles
        )
        + "</section>"
    )


def _plots(reports: Sequence[Report], found: Sequence[CommonFinding]) -> str:
    by_verdict = Counter(report.verdict for report in reports)
    verdicts = [
        Bar(VERDICT_WORDS[one], by_verdict[one], f"v-{one.value}", f"verdict:{one.rank}")
        for one in Verdict
        if by_verdict[one]
    ]
    findings = [
        Bar(one.title, one.many, f"s-{one.severity.value}", f"code:{one.place}", line(one.code))
        for one in most_common(found)[:MAX_FINDING_BARS]
    ]
    shares = [one for report in reports if (one := share(report.points, report.out_of)) is not None]
    times = [one for report in reports if (one := timing(report, "wall_s")) is not None]
    panels = [
        _panel("Verdicts", bars(verdicts, len(reports))),
        _panel("Findings by frequency", bars(findings, len(reports)) if findings else "<p>No findings.</p>"),
        _panel("Score", histogram(shares, 10, "score", percent=True, top=1.0)),
        _panel("Time to grade one submission", histogram(times, 16, "seconds", unit=" s")),
    ]
    return f'<div class="panels">{"".join(panels)}</div>'


def _panel(title: str, body: str) -> str:
    return f'<section class="panel"><h2>{title}</h2>{body}</section>'
