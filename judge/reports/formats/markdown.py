"""Markdown for a pull-request comment: the verdict, the findings with their code, the checks folded away.

Untrusted text occurs in three places, each escaped in its own way: prose (``inline``: all that Markdown or GitHub
could read as markup is escaped, mentions and references are broken), code spans and fenced blocks (their fence is
longer than any run of backticks inside), and table cells (prose, with pipes as entities).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from judge.model import CheckResult, Finding, Outcome, Report, Verdict
from judge.reports.code_frame import code_frame
from judge.reports.escape import clip, visible
from judge.reports.formats.text.report import stamp
from judge.reports.message import CodeBlock, parts_of
from judge.reports.phrases import (
    NOTEBOOK_NOTES,
    VERDICT_WORDS,
    counted,
    input_lines,
    not_shown,
    number,
    place_in_words,
    score,
    verdict_sentence,
)
from judge.reports.queries import (
    MAX_LINE_CHARS,
    by_severity,
    cause,
    counterexample_result,
    counts,
    evidence,
    name_and_address,
    pages_to_read,
    result_name_of,
    worst_first,
)

SUFFIXES: tuple[str, ...] = (".md",)
BATCH = True

MAX_CHARS = 60_000
"""A comment on GitHub holds 65,536 characters."""
MAX_MESSAGE_CHARS = 6_000
MAX_FINDINGS = 10
MAX_CHECKS = 100

_SIGNS = {Outcome.PASSED: "✅", Outcome.FAILED: "❌", Outcome.NOT_REACHED: "➖"}

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~&$!^]|:(?=//)")
_LINE_START = re.compile(r"^(\s*)(?:([-+=])|(\d+)([.)]))")
_MENTION = re.compile(r"@(?=[A-Za-z0-9])")
_REFERENCE = re.compile(r"(#|[Gg][Hh]-)(?=\d)")
_WWW = re.compile(r"(?i)\bwww\.")


def render(report: Report) -> str:
    """Render one submission."""
    return _fitting(_report(report), "the rest of this report does not fit a comment")


def render_batch(reports: Sequence[Report]) -> str:
    """Render a table of all, the worst first, then those not accepted, as many as fit into a comment."""
    ordered = worst_first(reports)
    if len(ordered) == 1:
        return render(ordered[0])
    parts = [_overview(ordered)]
    parts += ["\n".join(_folded(report)) for report in ordered if report.verdict is not Verdict.ACCEPTED]
    return _fitting(parts, "the reports of more submissions do not fit a comment")


def inline(text: str) -> str:
    """Return text on one line that is shown as it is: no markup, link, mention or reference."""
    shown = visible(clip(text, MAX_MESSAGE_CHARS)).strip()
    # GitHub looks for mentions and references after Markdown, where a backslash does not help: an invisible
    # word joiner after the sign stops it.
    shown = _REFERENCE.sub("\\1\u2060", _MENTION.sub("@\u2060", shown))
    shown = _SPECIAL.sub(r"\\\g<0>", shown)
    shown = _WWW.sub(lambda match: match.group().replace(".", "\\."), shown)
    return _LINE_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[1]}{m[3]}\\{m[4]}", shown)


def code_span(text: str) -> str:
    """Return the text as code on one line."""
    shown = visible(clip(text, MAX_MESSAGE_CHARS))
    if not shown.strip():
        return "*(empty)*"
    fence = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def code_block(lines: Sequence[str], language: str = "") -> str:
    """Return lines that are visible already as a fenced block."""
    fence = "`" * max(3, _longest_run("\n".join(lines)) + 1)
    return "\n".join([f"{fence}{language}", *lines, fence])


def cell(text: str) -> str:
    """Return prose for a table's cell; a pipe in it does not end the cell."""
    return inline(text).replace("\\|", "&#124;") or " "


def prose(message: str) -> Iterator[str]:
    """Yield a message's parts as blocks: code fenced, text in backticks as code spans, the rest escaped."""
    for part in parts_of(message, MAX_MESSAGE_CHARS):
        if isinstance(part, CodeBlock):
            yield code_block([visible(line) for line in part.lines])
        else:
            pieces = (code_span(one.text) if one.is_code else _kept(one.text) for one in part.pieces)
            yield "".join(pieces)


def _kept(piece: str) -> str:
    """Return prose between code spans, with the blanks at its ends kept."""
    shown = inline(piece)
    before = " " if piece[:1].isspace() and shown else ""
    after = " " if piece[-1:].isspace() else ""
    return f"{before}{shown}{after}"


def _report(report: Report) -> list[str]:
    sign = "✅" if report.verdict is Verdict.ACCEPTED else "❌"
    parts = [f"### {sign} {VERDICT_WORDS[report.verdict]}, {score(report)}", code_span(report.path)]
    sentence = verdict_sentence(report)
    if sentence:
        parts.append(inline(sentence))
    if not report.isolation.level.holds_strangers:
        parts.append(f"> **{inline(stamp(report))}**")
    findings = by_severity(report.findings)
    for place, finding in enumerate(findings[:MAX_FINDINGS], 1):
        parts += _finding(report, finding, place)
    if len(findings) > MAX_FINDINGS:
        parts.append(f"and {counted(len(findings) - MAX_FINDINGS, 'more finding')}")
    parts += _counterexample(report)
    parts += _checks(report)
    parts += _notebook(report)
    if hidden := not_shown(report):
        parts.append(f"{inline(hidden)}.")
    return parts


def _finding(report: Report, finding: Finding, place: int) -> list[str]:
    where = f", {place_in_words(report, finding)}" if finding.span else ""
    heading = f"**{place}\\. {inline(finding.title)}** ({finding.severity.value}{where})"
    parts = [heading]
    frame = code_frame(report.source, finding.span, notebook=report.notebook)
    if frame is not None:
        drawn = []
        for line in frame.lines:
            drawn.append(f"{line.number:>{frame.number_width}} | {line.text}")
            if line.mark is not None:
                start, end = line.mark
                drawn.append(f"{'':>{frame.number_width}} | {' ' * start}{'^' * (end - start)}")
        parts.append(code_block(drawn))
    parts += prose(finding.message)
    return [*parts, f"To read on: {', '.join(map(_page, pages_to_read(finding)[:4]))}"]


def _page(text: str) -> str:
    """Return a command as code, or a name with its address, the address as a link."""
    name, address = name_and_address(text)
    return f"{inline(name)}: <{address}>" if address else code_span(text)


def _counterexample(report: Report) -> list[str]:
    found = report.counterexample
    if found is None:
        return []
    lines = [visible(clip(line, MAX_LINE_CHARS)) for line in input_lines(found.inputs)]
    return [
        "An input on which it goes wrong:",
        code_block(lines, "python"),
        inline(counterexample_result(found)),
    ]


def _checks(report: Report) -> list[str]:
    if not report.checks:
        return []
    tally = counts(report.checks)
    shown = sorted(report.checks, key=lambda check: check.outcome is not Outcome.FAILED)[:MAX_CHECKS]
    rows = [
        "| | Check | Points | Why |",
        "| --- | --- | ---: | --- |",
        *(_check_row(check) for check in shown),
    ]
    more = len(report.checks) - len(shown)
    return [
        f"<details><summary>Checks: {tally.passed:,} of {tally.all:,} passed</summary>",
        "\n".join(rows),
        *([f"and {counted(more, 'more check')}"] if more else []),
        "</details>",
    ]


def _check_row(check: CheckResult) -> str:
    points = f"{number(check.points)} / {number(check.out_of)}"
    name, shown = cell(result_name_of(check)), cell("; ".join(evidence(check)))
    return f"| {_SIGNS[check.outcome]} | {name} | {points} | {shown} |"


def _notebook(report: Report) -> list[str]:
    notes = report.notebook.notes if report.notebook is not None else ()
    if not notes:
        return []
    shown = (part for note in notes for part in prose(note))
    return [f"<details><summary>{NOTEBOOK_NOTES}</summary>", *shown, "</details>"]


def _overview(reports: Sequence[Report]) -> str:
    rows = ["| | Submission | Verdict | Score | First finding |", "| --- | --- | --- | ---: | --- |"]
    used = 0
    for place, report in enumerate(reports):
        first = cause(report)
        sign = "✅" if report.verdict is Verdict.ACCEPTED else "❌"
        verdict = VERDICT_WORDS[report.verdict]
        title = cell(clip(first.title, 200)) if first else " "
        row = f"| {sign} | {cell(clip(report.path, 200))} | {verdict} | {score(report)} | {title} |"
        used += len(row) + 1
        if used > MAX_CHARS // 2:
            rows += ["", f"and {counted(len(reports) - place, 'more submission')}"]
            break
        rows.append(row)
    tally = {verdict: sum(one.verdict is verdict for one in reports) for verdict in Verdict}
    told = ", ".join(f"{many:,} {VERDICT_WORDS[one].lower()}" for one, many in tally.items() if many)
    heading = f"### {counted(len(reports), 'submission')}"
    return "\n\n".join([heading, *([f"{told}."] if told else []), "\n".join(rows)])


def _folded(report: Report) -> list[str]:
    # GitHub does not read Markdown in a summary line, so only words of judge's own are written there.
    lines = [f"<details><summary>{VERDICT_WORDS[report.verdict]}, {score(report)}</summary>", ""]
    for part in _report(report)[1:]:
        lines += [part, ""]
    return [*lines, "</details>"]


def _fitting(parts: Sequence[str], otherwise: str) -> str:
    """Return as many parts as fit, as paragraphs; elements that were opened in them are closed."""
    kept: list[str] = []
    used = 0
    for part in parts:
        used += len(part) + 2
        if used > MAX_CHARS:
            opened = sum(one.startswith("<details>") and not one.endswith("</details>") for one in kept)
            closed = sum(one == "</details>" for one in kept)
            return "\n\n".join([*kept, *["</details>"] * (opened - closed), f"({otherwise})"]) + "\n"
        kept.append(part)
    return "\n\n".join(kept) + "\n"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
