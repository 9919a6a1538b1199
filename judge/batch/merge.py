"""Merges the results folders of a class's shards into one, as a single run would have written it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath

from judge.batch.report_names import SUMMARY_CSV, SUMMARY_JSON
from judge.batch.results_folder import MAX_STORED_BYTES, ResultsFolder, read_report
from judge.batch.summary_row import ReportCompactor
from judge.model import Json, Outcome, Report, UsageError, Verdict
from judge.reports.formats import csv as csv_format
from judge.reports.json_values import json_value
from judge.reports.phrases import counted
from judge.sandbox.versions import LIBRARIES
from judge.submissions.rosters import Learner, Owner

SHOWN = 8
VERSIONS = ("judge", "python", *LIBRARIES)


@dataclass(frozen=True)
class Part:
    """One shard's results: its folder, its summary, and the place in the class of each row."""

    folder: Path
    summary: Mapping[str, Json]
    places: Mapping[int, Mapping[str, Json]]

    @property
    def shard(self) -> Mapping[str, Json]:
        return dict(self.summary["shard"])

    @property
    def number(self) -> int:
        return int(self.shard["number"])


def merge(folders: Sequence[Path], into: Path) -> list[str]:
    """Merge results folders; return what is missing of the class, a sentence each.

    Raises UsageError for folders that are no shards or do not belong together: of another class, exercise, judge,
    limits or audience. Nothing is written then.
    """
    parts = sorted((_part(folder) for folder in folders), key=lambda part: part.number)
    _require_one_class(parts)
    rows = {place: row for part in parts for place, row in part.places.items()}
    compacted = _compact_reports(parts)
    ordered = [rows[place] for place in sorted(rows)]
    whole = int(parts[0].shard["submissions"])
    document = _summary(parts, ordered, whole)
    owners = {str(row["path"]): _owner(row) for row in ordered if "learners" in row}
    with ResultsFolder(into) as folder:
        for part in parts:
            for row in part.places.values():
                folder.write_text(str(row["report"]), (part.folder / str(row["report"])).read_text("utf-8"))
        folder.write_text(SUMMARY_JSON, json.dumps(json_value(document), indent=2, allow_nan=False) + "\n")
        folder.write_text(
            SUMMARY_CSV, csv_format.render_batch([compacted[place] for place in sorted(rows)], owners)
        )
    return list(_missing(parts, whole, len(ordered)))


def _part(folder: Path) -> Part:
    path = folder / SUMMARY_JSON
    try:
        with path.open("rb") as file:
            data = file.read(MAX_STORED_BYTES + 1)
        summary = json.loads(data)
        shard, rows = summary["shard"], summary["reports"]
        if shard is None:
            raise UsageError(f"{folder}: holds a whole class and no shard of one")
        graded = [place for place, at in zip(shard["places"], shard["graded"], strict=True) if at]
        places = dict(zip(map(int, graded), rows, strict=True))
        part = Part(folder, summary, places)
        _require_counts(part)
        for row in rows:
            _require_inside(folder, str(row["report"]))
        return part
    except OSError as error:
        raise UsageError(
            f"{folder}: is no results folder of a shard: {SUMMARY_JSON}: {error.strerror}"
        ) from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"{path}: is no summary of a shard: {error!r:.80}") from None


def _require_counts(part: Part) -> None:
    """Raise KeyError, TypeError or ValueError unless all that is added up is there and is numbers."""
    summary, shard = part.summary, part.shard
    counts = [summary["verdicts"], summary["findings"], *summary["checks"].values()]
    numbers = [value for count in counts for value in count.values()]
    numbers += [part.number, shard["of"], shard["submissions"], *shard["places"]]
    if not all(type(value) is int and value >= 0 for value in numbers):
        raise ValueError("a count is no number")
    (float(summary["timing"]["wall_s"]), list(summary["missing"]), shard["class"])
    (summary["exercise"], summary["judge"], summary["roster"])


def _require_inside(folder: Path, name: str) -> None:
    parts = PurePosixPath(name).parts
    if not parts or PurePosixPath(name).is_absolute() or ".." in parts or parts[0].startswith("."):
        raise UsageError(f"{folder / SUMMARY_JSON}: names a report outside of its folder: {name!r:.80}")


def _require_one_class(parts: Sequence[Part]) -> None:
    first = parts[0]
    for before, part in pairwise(parts):
        if part.number == before.number:
            raise UsageError(f"{before.folder} and {part.folder} are both shard {part.number}")
    for part in parts[1:]:
        for what, one, other in (
            ("exercise", first.summary["exercise"], part.summary["exercise"]),
            ("judge", first.summary["judge"], part.summary["judge"]),
            ("number of shards", first.shard["of"], part.shard["of"]),
            ("class", first.shard["class"], part.shard["class"]),
            ("roster", first.summary["roster"], part.summary["roster"]),
        ):
            if one != other:
                values = f"{_shown(one)} and {_shown(other)}"
                raise UsageError(
                    f"{first.folder} and {part.folder} do not belong together: the {what} is {values}"
                )


def _shown(value: Json) -> str:
    digest = value.get("digest") if isinstance(value, dict) else value
    return str(digest)[:16]


def _compact_reports(parts: Sequence[Part]) -> dict[int, Report]:
    """Return every report, lightened, by its place; raises UsageError unless all were made in the same way."""
    reports: dict[int, Report] = {}
    first: tuple[Path, Mapping[str, Json]] | None = None
    compactor = ReportCompactor()
    for part in parts:
        for place, row in part.places.items():
            path = part.folder / str(row["report"])
            report = read_report(path, exact=True)
            if report is None:
                raise UsageError(f"{path}: is no report as judge wrote it")
            made = _conditions(report)
            first = first or (path, made)
            for what in first[1].keys() & made.keys():
                if made[what] != first[1][what]:
                    raise UsageError(
                        f"{first[0]} and {path} do not belong together: they have another {what}"
                    )
            reports[place] = compactor.compact(report)
    return reports


def _conditions(report: Report) -> dict[str, Json]:
    """Return how a report was made; a submission that never ran knows no versions of libraries."""
    versions = {name: report.environment[name] for name in VERSIONS if name in report.environment}
    return {
        "exercise": report.exercise_digest,
        "limits": report.limits,
        "audience": report.audience,
        **versions,
    }


def _summary(parts: Sequence[Part], rows: Sequence[Mapping[str, Json]], whole: int) -> dict[str, Json]:
    first = parts[0].summary
    verdicts: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    checks: dict[str, Counter[str]] = {}
    for part in parts:
        verdicts.update(part.summary["verdicts"])
        findings.update(part.summary["findings"])
        for check, outcomes in part.summary["checks"].items():
            checks.setdefault(check, Counter()).update(outcomes)
    return {
        **first,
        "complete": len(rows) == whole,
        "submissions": whole,
        "verdicts": {verdict.value: verdicts[verdict.value] for verdict in Verdict},
        "findings": dict(sorted(findings.items(), key=lambda item: (-item[1], item[0]))),
        "checks": {
            check: {outcome.value: outcomes[outcome.value] for outcome in Outcome}
            for check, outcomes in sorted(checks.items())
        },
        "reports": list(rows),
        "missing": [name for part in parts for name in part.summary["missing"]],
        "shard": None,
        "timing": {"wall_s": round(sum(float(part.summary["timing"]["wall_s"]) for part in parts), 2)},
    }


def _owner(row: Mapping[str, Json]) -> Owner:
    learners = tuple(Learner(str(one["id"]), str(one["name"])) for one in row["learners"])
    return Owner(learners, attempt=str(row["attempt"]), late=bool(row["late"]), group=str(row["group"]))


def _missing(parts: Sequence[Part], whole: int, graded: int) -> list[str]:
    of = int(parts[0].shard["of"])
    absent = sorted(set(range(of)) - {part.number for part in parts})
    lines = []
    if absent:
        named = ", ".join(map(str, absent[:SHOWN])) + (", ..." if len(absent) > SHOWN else "")
        lines.append(f"{counted(len(absent), 'shard')} of {of:,} missing: {named}")
    if graded < whole:
        lines.append(f"{counted(whole - graded, 'submission')} of {whole:,} not graded yet")
    return lines
