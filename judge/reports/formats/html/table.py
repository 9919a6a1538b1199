"""The table of submissions and the form that filters it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from judge.model import Outcome, Report, Verdict
from judge.reports.formats.html.common_findings import common_findings, first_title, most_common
from judge.reports.formats.html.escape_html import text
from judge.reports.formats.html.heat_map import check_ids, check_label
from judge.reports.formats.html.submission import name
from judge.reports.phrases import VERDICT_WORDS, number, score
from judge.reports.queries import counts, share, timing

COLUMNS = (
    ("path", "Submission", "words"),
    ("verdict", "Verdict", "number"),
    ("share", "Score", "number"),
    ("passed", "Checks", "number"),
    ("finding", "First finding", "words"),
    ("wall", "Time", "number"),
    ("memory", "Memory", "number"),
)
"""Key, heading and how the column is sorted; the script reads the keys from the rows of the class's data."""


def table(reports: Sequence[Report]) -> str:
    """The section with the form and one row per report, in the order given."""
    head = "".join(
        f'<th scope="col" role="columnheader" class="c-{key}">'
        f'<button type="button" data-sort="{key}" data-as="{kind}">{label}</button></th>'
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
    verdicts = ((one.rank, VERDICT_WORDS[one], by_verdict[one]) for one in Verdict if by_verdict[one])
    codes = ((one.place, one.title, one.many) for one in most_common(common_findings(reports)))
    failed = Counter(
        check_id
        for report in reports
        for check_id in {check.id for check in report.checks if check.outcome is Outcome.FAILED}
    )
    place_of = {check_id: place for place, check_id in enumerate(check_ids(reports))}
    checks = (
        (place_of[one], check_label(one), many) for one, many in failed.most_common() if one in place_of
    )
    return (
        '<form class="filters" role="search" aria-label="Filter submissions">'
        '<label>Search<input type="search" id="filter-text" placeholder="name, finding, verdict" '
        'autocomplete="off" spellcheck="false"></label>'
        f'<label>Verdict<select id="filter-verdict">{_options(verdicts)}</select></label>'
        f'<label>Finding<select id="filter-code">{_options(codes)}</select></label>'
        f'<label>Failed check<select id="filter-check">{_options(checks)}</select></label>'
        '<button type="reset" id="filter-clear">Clear</button>'
        '<output id="filter-count" for="filter-text filter-verdict filter-code filter-check"></output></form>'
    )


def _options(choices: Iterable[tuple[int, str, int]]) -> str:
    listed = (
        f'<option value="{value}">{text(label[:80])} ({many:,})</option>' for value, label, many in choices
    )
    return '<option value="">any</option>' + "".join(listed)


def _row(report: Report, place: int) -> str:
    tally = counts(report.checks)
    wall_s, memory_mib = timing(report, "wall_s"), timing(report, "peak_memory_mib")
    verdict = f'<span class="pill v-{report.verdict.value}">{VERDICT_WORDS[report.verdict]}</span>'
    cells = (
        ("verdict", verdict),
        ("share", _meter(report) + text(_score(report))),
        ("passed", f'{tally.passed:,}<span class="soft"> / {tally.all:,}</span>'),
        ("finding", text(first_title(report))),
        ("wall", "" if wall_s is None else f"{text(number(wall_s, 3))} s"),
        ("memory", "" if memory_mib is None else f"{text(number(round(memory_mib), 6))} MiB"),
    )
    listed = "".join(f'<td role="cell" class="c-{key}">{body}</td>' for key, body in cells)
    return f'<tr role="row"><th scope="row" role="rowheader" class="c-path">{_link(report, place)}</th>{listed}</tr>'


def _link(report: Report, place: int) -> str:
    folder, _, file = name(report).rpartition("/")
    before = f'<span class="soft">{text(folder)}/</span>' if folder else ""
    return f'<a href="#submission-{place}"><bdi>{before}{text(file)}</bdi></a>'


def _meter(report: Report) -> str:
    width = round(100 * (share(report.points, report.out_of) or 0.0), 1)
    return (
        '<svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="6"/>'
        f'<rect class="v-{report.verdict.value}" width="{width}" height="6"/></svg>'
    )


def _score(report: Report) -> str:
    """``12 / 20``."""
    return score(report).removesuffix(" points").removesuffix(" point").replace(" of ", " / ")
