"""SARIF 2.1.0, which code scanning and editors show in place: findings as results, their codes as rules.

Columns are counted in Unicode code points, as in the report's spans.  A span is cut to what exists in the source,
because viewers reject or misplace the rest.  Results carry no message arguments, so that braces in a message are
not placeholders (SARIF 3.11.5); ``](`` is split, so that no text becomes a link (3.11.6).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from urllib.parse import quote

from judge.model import Finding, Json, Report, Severity, SourceSpan, Verdict
from judge.reports.escape import clip, split_lines, visible, visible_block
from judge.reports.phrases import VERDICT_WORDS, cell_in_words, verdict_sentence
from judge.reports.queries import headline, name_and_address, region
from judge.version import __version__

SUFFIXES: tuple[str, ...] = (".sarif", ".sarif.json")
BATCH = True

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_MESSAGE_CHARS = 20_000


def render(report: Report) -> str:
    """Return the log of one run over one file."""
    return render_batch([report])


def render_batch(reports: Sequence[Report]) -> str:
    """Return the log of one run over many files; a file neither accepted nor with a finding shows its verdict."""
    uris = list(dict.fromkeys(_uri(report.path) for report in reports))
    place_of = {uri: place for place, uri in enumerate(uris)}
    report_of = {_uri(report.path): report for report in reports}
    found = [(report, finding) for report in reports for finding in _findings(report)]
    codes = list(dict.fromkeys(_code(finding) for _, finding in found))
    first_of = {_code(finding): finding for _, finding in reversed(found)}
    rule_of = {code: place for place, code in enumerate(codes)}
    rules = [_rule(code, first_of[code]) for code in codes]
    run = {
        "tool": {"driver": {"name": "judge", "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(reports)],
        "artifacts": [_artifact(uri, report_of[uri]) for uri in uris],
        "results": [
            _result(report, finding, rule_of[_code(finding)], place_of[_uri(report.path)])
            for report, finding in found
        ],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _findings(report: Report) -> Sequence[Finding]:
    if report.findings or report.verdict in (Verdict.ACCEPTED, Verdict.JUDGE_ERROR):
        return report.findings
    title = VERDICT_WORDS[report.verdict]
    return [Finding(report.verdict.value, Severity.ERROR, title, verdict_sentence(report))]


def _code(finding: Finding) -> str:
    return visible(finding.code) or "unnamed"


def _rule(code: str, finding: Finding) -> Json:
    title = _text(finding.title) or code
    rule: dict[str, Json] = {
        "id": code,
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": f"judge explain {code}"},
        "defaultConfiguration": {"level": finding.severity.value},
    }
    address = next((found for page in finding.read_next if (found := name_and_address(page)[1])), "")
    return {**rule, "helpUri": address} if address else rule


def _artifact(uri: str, report: Report) -> Json:
    return {
        "location": {"uri": uri},
        "roles": ["analysisTarget"],
        "sourceLanguage": "python",
        "hashes": {"sha-256": visible(report.sha256)},
        "properties": {"verdict": report.verdict.value, "score": headline(report)},
    }


def _result(report: Report, finding: Finding, rule: int, artifact: int) -> Json:
    place: dict[str, Json] = {"artifactLocation": {"uri": _uri(report.path), "index": artifact}}
    span = region(report.source, finding.span)
    cell = cell_in_words(report, finding)
    location: dict[str, Json] = {"physicalLocation": place}
    if cell:  # a notebook's file is JSON, and its lines are not those of a cell
        location["logicalLocations"] = [{"fullyQualifiedName": cell}]
    elif span is not None:
        place["region"] = {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        }
    title = f"{finding.title} ({cell})" if cell else finding.title
    return {
        "ruleId": _code(finding),
        "ruleIndex": rule,
        "level": finding.severity.value,  # the same words in SARIF
        "message": {"text": _text("\n\n".join(part for part in (title, finding.message) if part))},
        "locations": [location],
        "partialFingerprints": {"judgeFinding/v1": _fingerprint(report, finding, span)},
    }


def _fingerprint(report: Report, finding: Finding, span: SourceSpan | None) -> str:
    """Return a digest that is the same for the same mistake on the same line of code, wherever the line moves."""
    line = split_lines(report.source)[span.line - 1].strip() if span else ""
    return hashlib.sha256(f"{visible(finding.code)}\n{visible(line)}".encode()).hexdigest()[:32]


def _invocation(reports: Sequence[Report]) -> Json:
    told = [
        (report, "error", verdict_sentence(report))
        for report in reports
        if report.verdict is Verdict.JUDGE_ERROR
    ]
    invocation: dict[str, Json] = {"executionSuccessful": not told}
    told += [
        (report, "note", note)
        for report in reports
        if report.notebook is not None
        for note in report.notebook.notes
    ]
    if told:
        invocation["toolExecutionNotifications"] = [
            {
                "level": level,
                "message": {"text": _text(text)},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(report.path)}}}],
            }
            for report, level, text in told
        ]
    return invocation


def _uri(path: str) -> str:
    """Return the path as a relative reference, or a file URI when absolute; undecodable bytes are percent-encoded."""
    undecodable = all("\udc80" <= char <= "\udcff" for char in path if "\ud800" <= char <= "\udfff")
    raw = path.encode("utf-8", "surrogateescape" if undecodable else "backslashreplace")
    if raw.startswith(b"/"):
        return "file:///" + quote(raw.lstrip(b"/"), safe="/")
    return quote(raw, safe="/") or "."


def _text(text: str) -> str:
    return visible_block(clip(text, MAX_MESSAGE_CHARS)).replace("](", "] (")
