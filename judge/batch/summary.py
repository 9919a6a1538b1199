"""``summary.json`` and ``summary.csv`` of a batch, and its last line.

Two runs over the same submissions give the same summaries except for ``timing`` (in the CSV: the columns ``wall_s``,
``cpu_s`` and ``peak_memory_mib``), however often they were interrupted and resumed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from judge.batch.batch import Row
from judge.batch.report_names import report_name
from judge.batch.shards import Shard
from judge.model import SCHEMA_VERSION, Json, Outcome, Verdict
from judge.reports.escape import without_surrogates
from judge.reports.formats import csv as csv_format
from judge.reports.json_values import json_value
from judge.reports.queries import finite
from judge.submissions.entry import Entry
from judge.submissions.listing import LeftOut
from judge.submissions.rosters import Owner
from judge.version import __version__


@dataclass(frozen=True)
class ClassNotes:
    """The part of a summary about the class, beside its submissions.

    How learners were told apart, and what was not graded.
    """

    roster: str = ""
    left_out: tuple[LeftOut, ...] = ()
    shard: Shard | None = None


NO_NOTES = ClassNotes()

MAX_REASONS = 20
SHOWN_LEFT_OUT = 3
"""Files that are named for each reason why they were left out; summary.json names all."""


def left_out_lines(left_out: Sequence[LeftOut]) -> Iterator[str]:
    """Yield a line for each reason why something was left out, with the first files."""
    by_reason: dict[str, list[str]] = {}
    for one in left_out:
        by_reason.setdefault(one.reason, []).append(one.path)
    for reason, paths in list(by_reason.items())[:MAX_REASONS]:
        named = ", ".join(paths[:SHOWN_LEFT_OUT])
        if len(paths) == 1:
            yield f"left out: {named} {reason}"
        else:
            more = ", ..." if len(paths) > SHOWN_LEFT_OUT else ""
            yield f"left out: {len(paths):,} files, each {reason}: {named}{more}"
    others = sum(len(paths) for paths in list(by_reason.values())[MAX_REASONS:])
    if others:
        yield f"left out: {others:,} more for other reasons; summary.json has them all"


def summary_csv(rows: Sequence[Row]) -> str:
    """Return one row per submission, or per learner where a roster told them, as ``--format csv`` writes it."""
    return csv_format.render_batch([row.report for row in rows], owners_by_path(rows))


def owners_by_path(rows: Sequence[Row]) -> dict[str, Owner]:
    """Return who handed in what, by the path in its report."""
    return {row.report.path: row.entry.owner for row in rows if row.entry.owner is not None}


def summary_json(
    rows: Sequence[Row],
    entries: Sequence[Entry],
    exercise: Json,
    wall_s: float,
    class_notes: ClassNotes = NO_NOTES,
) -> str:
    """Return the totals of the class and one short object per submission; see `judge schema summary`.

    ``exercise``: its name, title and digest. Entries without a row, after an interruption, are ``missing``.
    """
    reports = [row.report for row in rows]
    known = {row.entry.key for row in rows}
    verdicts = Counter(report.verdict for report in reports)
    findings = Counter(code for report in reports for code in {finding.code for finding in report.findings})
    document = {
        "schema_version": SCHEMA_VERSION,
        "judge": __version__,
        "exercise": exercise,
        "complete": len(rows) == len(entries),
        "submissions": len(entries),
        "verdicts": {verdict.value: verdicts[verdict] for verdict in Verdict},
        "findings": dict(sorted(findings.items(), key=lambda item: (-item[1], item[0]))),
        "checks": _checks(rows),
        "reports": [_row(row) for row in rows],
        "roster": without_surrogates(class_notes.roster) or None,
        "left_out": [
            {"path": without_surrogates(one.path), "reason": without_surrogates(one.reason)}
            for one in class_notes.left_out
        ],
        "missing": [without_surrogates(entry.shown) for entry in entries if entry.key not in known],
        "shard": None
        if class_notes.shard is None
        else class_notes.shard.to_json([entry.key in known for entry in entries]),
        "timing": {"wall_s": round(wall_s, 2)},
    }
    return json.dumps(json_value(document), indent=2, allow_nan=False) + "\n"


def _checks(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """Return how many submissions had which outcome, by check."""
    counts: dict[str, Counter[Outcome]] = {}
    for row in rows:
        for check in row.report.checks:
            counts.setdefault(check.id, Counter())[check.outcome] += 1
    return {
        check_id: {outcome.value: outcomes[outcome] for outcome in Outcome}
        for check_id, outcomes in sorted(counts.items())
    }


def _row(row: Row) -> dict[str, Json]:
    report = row.report
    return {
        "path": report.path,
        **({} if row.entry.owner is None else _identity(row.entry.owner)),
        "report": report_name(row.entry.key),
        "sha256": report.sha256,
        "verdict": report.verdict.value,
        "score": {"points": finite(report.points), "out_of": finite(report.out_of)},
        "findings": list(dict.fromkeys(finding.code for finding in report.findings)),
        "isolation": report.isolation.level,
        "timing": report.timing,
    }


def _identity(owner: Owner) -> dict[str, Json]:
    return {
        "learners": [
            {"id": without_surrogates(one.id), "name": without_surrogates(one.name)} for one in owner.learners
        ],
        "attempt": without_surrogates(owner.attempt),
        "late": owner.late,
        "group": without_surrogates(owner.group),
    }
