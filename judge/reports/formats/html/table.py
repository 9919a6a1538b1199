"""The table of submissions and the form that filters it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from judge.model import Json, Outcome, Report, Verdict
from judge.reports.formats.html.common_findings import common_findings, first_title, most_common
from judge.reports.formats.html.heat_map import check_ids, check_label
from judge.reports.formats.html.people import names_of
from judge.reports.formats.html.submission import name
from judge.reports.formats.html.template import fill
from judge.reports.phrases import VERDICT_WORDS, number, score
from judge.reports.queries import counts, share, timing
from judge.submissions.rosters import Owner

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


def table(reports: Sequence[Report], owners: Mapping[str, Owner]) -> Markup:
    """Return the section with the form and one row per report, in the order given."""
    by_verdict = Counter(report.verdict for report in reports)
    failed = Counter(
        check_id
        for report in reports
        for check_id in {check.id for check in report.checks if check.outcome is Outcome.FAILED}
    )
    place_of = {check_id: place for place, check_id in enumerate(check_ids(reports))}
    return fill(
        "table.html",
        columns=COLUMNS,
        verdicts=[
            _option(one.rank, VERDICT_WORDS[one], by_verdict[one]) for one in Verdict if by_verdict[one]
        ],
        codes=[_option(one.place, one.title, one.many) for one in most_common(common_findings(reports))],
        checks=[
            _option(place_of[one], check_label(one), many)
            for one, many in failed.most_common()
            if one in place_of
        ],
        rows=[_row(report, owners) for report in reports],
    )


def _option(value: int, label: str, many: int) -> Json:
    return {"value": value, "label": label[:80], "many": f"{many:,}"}


def _row(report: Report, owners: Mapping[str, Owner]) -> Json:
    tally = counts(report.checks)
    wall_s, memory_mib = timing(report, "wall_s"), timing(report, "peak_memory_mib")
    folder, _, file = name(report).rpartition("/")
    return {
        "folder": folder,
        "file": file,
        "people": names_of(report, owners),
        "verdict": report.verdict.value,
        "words": VERDICT_WORDS[report.verdict],
        "width": round(100 * (share(report.points, report.out_of) or 0.0), 1),
        "score": score(report).removesuffix(" points").removesuffix(" point").replace(" of ", " / "),
        "passed": f"{tally.passed:,}",
        "all": f"{tally.all:,}",
        "finding": first_title(report),
        "wall": "" if wall_s is None else f"{number(wall_s, 3)} s",
        "memory": "" if memory_mib is None else f"{number(round(memory_mib), 6)} MiB",
    }
