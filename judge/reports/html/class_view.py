"""The class at a glance: tiles, plots, and the table of submissions with its filters."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence

from judge.model import Finding, Json, Outcome, Report, Verdict
from judge.reports.html.heat_map import check_ids, heat_map, outcomes
from judge.reports.html.kill_matrix import kill_matrix
from judge.reports.html.markup import text
from judge.reports.html.plots import Bar, bars, histogram
from judge.reports.html.submission import line, name
from judge.reports.reading import cause, counts, share, timing
from judge.reports.words import VERDICT_WORDS, counted, number, score

MAX_FINDING_BARS = 12
COLUMNS = (
    ("path", "Submission", "words"),
    ("verdict", "Verdict", "number"),
    ("share", "Score", "number"),
    ("passed", "Checks", "number"),
    ("finding", "First finding", "words"),
    ("wall", "Time", "number"),
    ("memory", "Memory", "number"),
)
"""Key, heading and how the column is sorted; the script reads the keys from the rows of ``class_data``."""


def class_data(reports: Sequence[Report]) -> Json:
    """What sorting, filtering and pointing at the heat map need, one row per report in the page's order."""
    codes = _codes(reports)
    place_of = {code: place for place, (code, _) in enumerate(codes)}
    ids = check_ids(reports)
    return {
        "checks": [line(check_id.partition(":")[2] or check_id) for check_id in ids],
        "rows": [
            {
                "path": name(report),
                "words": VERDICT_WORDS[report.verdict],
                "verdict": report.verdict.rank,
                "share": share(report.points, report.out_of),
                "passed": counts(report.checks).passed,
                "finding": _first_title(report),
                "wall": timing(report, "wall_s"),
                "memory": timing(report, "peak_memory_mib"),
                "codes": sorted({place_of[one.code] for one in report.findings}),
                "outcomes": outcomes(report, ids),
            }
            for report in reports
        ],
        "codes": [[line(code), line(title)] for code, title in codes],
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
        parts += [_tiles(reports), _plots(reports), heat_map(reports)]
    if matrix:
        parts.append(kill_matrix(matrix))
    parts += [_table(reports) if reports else "<p>There is nothing to show.</p>", "</main>"]
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


def _tiles(reports: Sequence[Report]) -> str:
    accepted = sum(report.verdict is Verdict.ACCEPTED for report in reports)
    shares = [one for report in reports if (one := share(report.points, report.out_of)) is not None]
    times = [one for report in reports if (one := timing(report, "wall_s")) is not None]
    tiles = [("Accepted", f"{accepted / len(reports):.0%}", f"{accepted:,} of {len(reports):,}")]
    if shares:
        tiles.append(
            ("Median score", f"{statistics.median(shares):.0%}", f"mean {statistics.fmean(shares):.0%}")
        )
    common = _finding_counts(reports).most_common(1)
    if common:
        code, many = common[0]
        title = dict(_codes(reports))[code]
        tiles.append(("Most common finding", f"{many:,}", line(title)))
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


def _plots(reports: Sequence[Report]) -> str:
    by_verdict = Counter(report.verdict for report in reports)
    verdicts = [
        Bar(VERDICT_WORDS[one], by_verdict[one], f"v-{one.value}", f"verdict:{one.rank}")
        for one in Verdict
        if by_verdict[one]
    ]
    place_of = {code: place for place, (code, _) in enumerate(_codes(reports))}
    title_of = dict(_codes(reports))
    common = _finding_counts(reports).most_common(MAX_FINDING_BARS)
    found = [
        Bar(line(title_of[code]), many, f"s-{_severity(reports, code)}", f"code:{place_of[code]}", line(code))
        for code, many in common
    ]
    shares = [one for report in reports if (one := share(report.points, report.out_of)) is not None]
    times = [one for report in reports if (one := timing(report, "wall_s")) is not None]
    panels = [
        _panel("Verdicts", bars(verdicts, len(reports))),
        _panel("Findings by frequency", bars(found, len(reports)) if found else "<p>No findings.</p>"),
        _panel("Score", histogram(shares, 10, "score", percent=True, top=1.0)),
        _panel("Time to grade one submission", histogram(times, 16, "seconds", unit=" s")),
    ]
    return f'<div class="panels">{"".join(panels)}</div>'


def _panel(title: str, body: str) -> str:
    return f'<section class="panel"><h2>{title}</h2>{body}</section>'


def _table(reports: Sequence[Report]) -> str:
    head = "".join(
        f'<th scope="col" role="columnheader" class="c-{key}"><button type="button" data-sort="{key}" data-as="{kind}">{label}'
        "</button></th>"
        for key, label, kind in COLUMNS
    )
    rows = "\n".join(_row(report, place) for place, report in enumerate(reports))
    return (
        '<section id="submissions"><h2>Submissions</h2>'
        f"{_filters(reports)}"
        # The rows are drawn as grids, so that a browser lays out only those in view; the roles keep it a table.
        '<table class="list" role="table"><caption class="unseen">Submissions; the headings sort</caption>'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">\n{rows}\n</tbody></table>'
        '<p id="nothing" class="soft" hidden>No submission fits these filters.</p></section>'
    )


def _filters(reports: Sequence[Report]) -> str:
    by_verdict = Counter(report.verdict for report in reports)
    verdicts = "".join(
        f'<option value="{one.rank}">{VERDICT_WORDS[one]} ({by_verdict[one]:,})</option>'
        for one in Verdict
        if by_verdict[one]
    )
    title_of, tally = dict(_codes(reports)), _finding_counts(reports)
    place_of = {code: place for place, code in enumerate(title_of)}
    codes = "".join(
        f'<option value="{place_of[code]}">{text(line(title_of[code])[:80])} ({many:,})</option>'
        for code, many in tally.most_common()
    )
    failing = Counter(
        check_id
        for report in reports
        for check_id in {check.id for check in report.checks if check.outcome is Outcome.FAILED}
    )
    place_of_check = {check_id: place for place, check_id in enumerate(check_ids(reports))}
    checks = "".join(
        f'<option value="{place_of_check[check_id]}">{text(line(check_id.partition(":")[2] or check_id)[:60])} ({many:,})</option>'
        for check_id, many in failing.most_common()
        if check_id in place_of_check
    )
    return (
        '<form class="filters" role="search" aria-label="Filter submissions">'
        '<label>Search<input type="search" id="filter-text" placeholder="name, finding, verdict" '
        'autocomplete="off" spellcheck="false"></label>'
        f'<label>Verdict<select id="filter-verdict"><option value="">any</option>{verdicts}</select></label>'
        f'<label>Finding<select id="filter-code"><option value="">any</option>{codes}</select></label>'
        f'<label>Failed check<select id="filter-check"><option value="">any</option>{checks}</select></label>'
        '<button type="reset" id="filter-clear">Clear</button>'
        '<output id="filter-count" for="filter-text filter-verdict filter-code filter-check"></output></form>'
    )


def _row(report: Report, place: int) -> str:
    part = share(report.points, report.out_of)
    tally = counts(report.checks)
    wall_s, memory_mib = timing(report, "wall_s"), timing(report, "peak_memory_mib")
    folder, _, file = name(report).rpartition("/")
    path = f'<span class="soft">{text(folder)}/</span>' if folder else ""
    width = 0 if part is None else round(part * 100, 1)
    return (
        f'<tr role="row"><th scope="row" role="rowheader" class="c-path"><a href="#submission-{place}"><bdi>{path}{text(file)}</bdi></a></th>'
        f'<td role="cell" class="c-verdict"><span class="pill v-{report.verdict.value}">{VERDICT_WORDS[report.verdict]}</span></td>'
        f'<td role="cell" class="c-share"><svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="track" width="100" height="6"/><rect class="v-{report.verdict.value}" width="{width}" height="6"/>'
        f"</svg>{text(_score_cell(report))}</td>"
        f'<td role="cell" class="c-passed">{tally.passed:,}<span class="soft"> / {tally.all:,}</span></td>'
        f'<td role="cell" class="c-finding">{text(_first_title(report))}</td>'
        f'<td role="cell" class="c-wall">{"" if wall_s is None else text(number(wall_s, 3)) + " s"}</td>'
        f'<td role="cell" class="c-memory">{"" if memory_mib is None else text(number(round(memory_mib), 6)) + " MiB"}</td></tr>'
    )


def _score_cell(report: Report) -> str:
    return score(report).removesuffix(" points").removesuffix(" point").replace(" of ", " / ")


def _first_title(report: Report) -> str:
    first = cause(report)
    return line(first.title or first.code)[:160] if first else ""


def _codes(reports: Sequence[Report]) -> list[tuple[str, str]]:
    """Every finding code with the title it first has."""
    titles: dict[str, str] = {}
    for finding in _findings(reports):
        titles.setdefault(finding.code, finding.title or finding.code)
    return list(titles.items())


def _severity(reports: Sequence[Report], code: str) -> str:
    return next(one.severity.value for one in _findings(reports) if one.code == code)


def _findings(reports: Sequence[Report]) -> list[Finding]:
    return [finding for report in reports for finding in report.findings]


def _finding_counts(reports: Sequence[Report]) -> Counter[str]:
    """In how many submissions each code was found."""
    return Counter(code for report in reports for code in {one.code for one in report.findings})
