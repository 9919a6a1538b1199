"""``judge diff``: shows what changed between two result folders, submission by submission."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from judge.batch.report_names import RESERVED
from judge.batch.results_folder import PRIVATE, read_report
from judge.commands.options import STATUS, Parser, add_text_or_json, parser_for
from judge.model import SCHEMA_VERSION, Json, Report, UsageError, Verdict
from judge.reports.escape import clip, visible
from judge.reports.phrases import VERDICT_WORDS, counted, number
from judge.reports.queries import finite
from judge.walk import walk

SAME, DIFFERENT = 0, 1
MAX_NAME_CHARS = 200


@dataclass(frozen=True)
class Result:
    """The part of one report that is compared. ``findings`` holds ``severity:code``."""

    path: str
    sha256: str
    verdict: str
    points: float | None
    out_of: float | None
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Results:
    """One folder: its results by report name, the exercise digests they were made with, and the unreadable files."""

    by_name: Mapping[str, Result]
    digests: tuple[str, ...]
    unreadable: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """A submission that is in both folders with different results."""

    name: str
    before: Result
    after: Result

    @property
    def new_findings(self) -> list[str]:
        return sorted(set(self.after.findings) - set(self.before.findings))

    @property
    def gone_findings(self) -> list[str]:
        return sorted(set(self.before.findings) - set(self.after.findings))


@dataclass(frozen=True)
class Difference:
    before: Results
    after: Results
    changed: tuple[Change, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def unchanged(self) -> int:
        return len(self.after.by_name) - len(self.added) - len(self.changed)

    @property
    def any(self) -> bool:
        return bool(self.changed or self.added or self.removed)


def parser() -> Parser:
    """The arguments of ``judge diff``."""
    parser = parser_for(
        "judge diff DIR_A DIR_B",
        "Whose verdict, score or findings changed between two result folders.",
        STATUS.format(yes="nothing changed", no="something changed"),
    )
    parser.add_argument("before", type=Path, metavar="DIR_A", help="what 'judge ... -o DIR_A' wrote")
    parser.add_argument("after", type=Path, metavar="DIR_B", help="what 'judge ... -o DIR_B' wrote later")
    parser.add_argument(
        "--common",
        action="store_true",
        help="not each submission, but what changed in the same way for how many",
    )
    add_text_or_json(parser)
    return parser


def run(options: argparse.Namespace) -> int:
    """Print what changed from ``options.before`` to ``options.after``; 0 when nothing did, 1 when something did."""
    found = difference(read_results(options.before), read_results(options.after))
    text = to_json(found) if options.format == "json" else to_text(found, common=options.common)
    sys.stdout.write(text)
    sys.stdout.flush()
    return DIFFERENT if found.any else SAME


def read_results(folder: Path) -> Results:
    """Read all reports in a folder that ``judge -o`` wrote. UsageError when it is no folder or holds no report."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    results, digests, unreadable = {}, set(), []
    for path in _report_files(folder):
        name = path.relative_to(folder).as_posix()
        report = read_report(path, exact=False)
        if report is None:
            unreadable.append(name)
            continue
        results[name] = _result(report)
        digests.add(report.exercise_digest)
    if not results:
        raise UsageError(f"{folder}: holds no report; judge PATH... -o {folder} writes them")
    return Results(results, tuple(sorted(digests)), tuple(unreadable))


def difference(before: Results, after: Results) -> Difference:
    """Compare results by the names of their reports, that is by the paths of the submissions."""
    old, new = before.by_name, after.by_name
    both = [name for name in sorted(new) if name in old]
    return Difference(
        before,
        after,
        changed=tuple(
            Change(name, old[name], new[name]) for name in both if _said(old[name]) != _said(new[name])
        ),
        added=tuple(sorted(set(new) - set(old))),
        removed=tuple(sorted(set(old) - set(new))),
    )


def to_text(found: Difference, *, common: bool = False) -> str:
    """Return text for people: one line per submission, changed verdicts first, then the totals.

    With ``common`` one line per kind of change, the most frequent first, in place of those of the submissions.
    """
    lines: list[str] = []
    if common:
        lines = [*_common_lines(found), _sum(found), *_remarks(found)]
        return "\n".join(visible(line) for line in lines) + "\n"
    verdicts = [change for change in found.changed if change.before.verdict != change.after.verdict]
    others = [change for change in found.changed if change.before.verdict == change.after.verdict]
    for change in (*verdicts, *others):
        lines += _change_lines(change)
    lines += [f"+ {_shown(found.after.by_name[name])}" for name in found.added]
    lines += [f"- {_shown(found.before.by_name[name])}" for name in found.removed]
    if lines:
        lines.append("")
    moves = Counter((change.before.verdict, change.after.verdict) for change in verdicts)
    lines += [
        f"{count:,} x {_word(old)} -> {_word(new)}"
        for (old, new), count in sorted(moves.items(), key=lambda move: (-move[1], move[0]))
    ]
    lines.append(_sum(found))
    lines += _remarks(found)
    return "\n".join(visible(line) for line in lines) + "\n"


def to_json(found: Difference) -> str:
    """Return JSON for programs, as `judge schema diff` describes it."""
    document: Json = {
        "schema_version": SCHEMA_VERSION,
        "before": _side(found.before),
        "after": _side(found.after),
        "changed": [
            {
                "report": change.name,
                "before": _result_json(change.before),
                "after": _result_json(change.after),
                "source_changed": change.before.sha256 != change.after.sha256,
                "new_findings": change.new_findings,
                "gone_findings": change.gone_findings,
            }
            for change in found.changed
        ],
        "added": [{"report": name, **_result_json(found.after.by_name[name])} for name in found.added],
        "removed": [{"report": name, **_result_json(found.before.by_name[name])} for name in found.removed],
        "unchanged": found.unchanged,
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _report_files(folder: Path) -> list[Path]:
    """Return every stored report, without the judge's own files and names that begin with a dot."""
    found = []
    for place, files in walk(folder, enters=lambda name: name != PRIVATE and not name.startswith(".")):
        top = place == folder
        found += [
            place / name
            for name in files
            if name.endswith(".json") and not name.startswith(".") and not (top and name in RESERVED)
        ]
    return sorted(found)


def _result(report: Report) -> Result:
    return Result(
        path=report.path,
        sha256=report.sha256,
        verdict=report.verdict.value,
        points=finite(report.points),
        out_of=finite(report.out_of),
        findings=tuple(sorted({f"{finding.severity}:{finding.code}" for finding in report.findings})),
    )


def _said(result: Result) -> tuple[object, ...]:
    """Return the fields whose difference counts as a change: timing and the file's bytes alone do not."""
    return result.verdict, result.points, result.out_of, result.findings


def _change_lines(change: Change) -> list[str]:
    before, after = change.before, change.after
    parts = []
    if before.verdict != after.verdict:
        parts.append(f"{_word(before.verdict)} -> {_word(after.verdict)}")
    if (before.points, before.out_of) != (after.points, after.out_of):
        parts.append(f"{_points(before)} -> {_points(after)} points")
    findings = [f"+{_code(code)}" for code in change.new_findings]
    findings += [f"-{_code(code)}" for code in change.gone_findings]
    if findings:
        parts.append(" ".join(findings))
    if before.sha256 != after.sha256:
        parts.append("the file changed too")
    return [f"~ {clip(after.path, MAX_NAME_CHARS)}: {'; '.join(parts)}"]


def _common_lines(found: Difference) -> list[str]:
    """Return what changed in the same way for several submissions, and for how many."""
    kinds: Counter[str] = Counter()
    for change in found.changed:
        if change.before.verdict != change.after.verdict:
            kinds[f"{_word(change.before.verdict)} -> {_word(change.after.verdict)}"] += 1
        kinds.update(f"+{_code(code)}" for code in change.new_findings)
        kinds.update(f"-{_code(code)}" for code in change.gone_findings)
        if change.before.sha256 != change.after.sha256:
            kinds["the file changed too"] += 1
    ordered = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))
    return [f"{count:,} x {kind}" for kind, count in ordered]


def _sum(found: Difference) -> str:
    parts = [f"{counted(len(found.changed), 'submission')} changed"]
    parts += [
        f"{len(names):,} {what}"
        for names, what in ((found.added, "added"), (found.removed, "removed"))
        if names
    ]
    return f"{', '.join(parts)}, {found.unchanged:,} unchanged"


def _remarks(found: Difference) -> list[str]:
    """Return what a reader must know before trusting the comparison."""
    lines = []
    for title, side in (("first", found.before), ("second", found.after)):
        if len(side.digests) > 1:
            lines.append(
                f"The {title} folder holds reports of {len(side.digests)} versions of the exercise: some are old."
            )
        if side.unreadable:
            names = ", ".join(side.unreadable[:5]) + (", ..." if len(side.unreadable) > 5 else "")
            lines.append(
                f"In the {title} folder {counted(len(side.unreadable), 'file')} could not be read as a report: {names}"
            )
    if found.before.digests != found.after.digests:
        lines.append("The exercise itself is not the same in both: its cases, reference or limits changed.")
    return lines


def _side(results: Results) -> Json:
    return {
        "reports": len(results.by_name),
        "exercise_digests": list(results.digests),
        "unreadable": list(results.unreadable),
    }


def _result_json(result: Result) -> dict[str, Json]:
    return {
        "path": result.path,
        "sha256": result.sha256,
        "verdict": result.verdict,
        "score": {"points": result.points, "out_of": result.out_of},
        "findings": list(result.findings),
    }


def _shown(result: Result) -> str:
    return f"{clip(result.path, MAX_NAME_CHARS)}: {_word(result.verdict)}, {_points(result)} points"


def _word(verdict: str) -> str:
    return VERDICT_WORDS[Verdict(verdict)].lower()


def _points(result: Result) -> str:
    points, out_of = (
        number(value, 4) if value is not None else "?" for value in (result.points, result.out_of)
    )
    return f"{points}/{out_of}"


def _code(finding: str) -> str:
    """Return an error's code alone, other findings with their severity."""
    severity, _, code = finding.partition(":")
    return code if severity == "error" else f"{code} ({severity})"
