"""GitHub workflow annotations: lines for a workflow's log that mark the findings in the changed files.

Every line is a workflow command, and every character in it that could end or start one is escaped, so that no
text of a learner can be read as a command (``::add-mask::``, ``::stop-commands::``, ``##[error]``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judge.model import Finding, Report, Severity, Verdict
from judge.reports.escape import clip, visible, visible_block
from judge.reports.phrases import NOTEBOOK_NOTES, cell_in_words, verdict_sentence
from judge.reports.queries import cause, headline, region

SUFFIXES: tuple[str, ...] = ()
BATCH = True

MAX_MESSAGE_CHARS = 4_000
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report) -> str:
    """Return one annotation with verdict and score, then one per finding, then what was left out of a notebook."""
    found = (_finding(report, one) for one in report.findings)
    return "".join(line + "\n" for line in [_summary(report), *found, *_notebook(report)])


def render_batch(reports: Sequence[Report]) -> str:
    """Return the annotations of every report in turn.  GitHub shows the first ten of a kind in a step."""
    return "".join(render(report) for report in reports)


def _summary(report: Report) -> str:
    first = cause(report)
    told = f". {first.title}" if first else ""
    message = f"{headline(report)}{told}\n{verdict_sentence(report)}".rstrip("\n")
    accepted = report.verdict is Verdict.ACCEPTED
    # Findings mark a failure themselves; the summary is an error only when there are none.
    level = "notice" if accepted or first else "error"
    return _command(level, {"file": report.path, "title": f"judge: {report.verdict.value}"}, message)


def _finding(report: Report, finding: Finding) -> str:
    properties = {"file": report.path, "title": f"{finding.title} ({finding.code})"}
    cell = cell_in_words(report, finding)
    span = region(report.source, finding.span)
    if span is not None and not cell:  # a notebook's file is JSON, and its lines are not those of a cell
        properties |= {"line": str(span.line), "endLine": str(span.end_line)}
        if span.line == span.end_line:  # GitHub accepts columns within one line only
            properties |= {"col": str(span.column), "endColumn": str(span.end_column)}
    message = f"{cell[0].upper()}{cell[1:]}: {finding.message}" if cell else finding.message
    return _command(_COMMANDS[finding.severity], properties, message)


def _notebook(report: Report) -> list[str]:
    notes = report.notebook.notes if report.notebook is not None else ()
    properties = {"file": report.path, "title": NOTEBOOK_NOTES}
    return [_command("notice", properties, "\n".join(notes))] if notes else []


def _command(name: str, properties: Mapping[str, str], message: str) -> str:
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(message)}"


def _data(text: str) -> str:
    """Escape a command's message as the runner unescapes it; ``##[`` would start a command of the older syntax."""
    shown = visible_block(clip(text, MAX_MESSAGE_CHARS)).replace("##[", "## [")
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    shown = _data(visible(clip(text, 1_000)))
    return shown.replace(":", "%3A").replace(",", "%2C")
