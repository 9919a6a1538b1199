"""One report as the JSON that the page's script opens on demand; every string in it is visible text already."""

from __future__ import annotations

from collections.abc import Iterator

from judge.model import (
    CellLines,
    CheckId,
    CheckKind,
    CheckResult,
    Counterexample,
    Finding,
    Json,
    Outcome,
    Report,
    Visibility,
)
from judge.reports.escape import clip, split_lines, visible, visible_block
from judge.reports.formats.html.source_lines import marks, shown_lines
from judge.reports.formats.text.report import isolation_line, stamp
from judge.reports.message import CodeBlock, parts_of
from judge.reports.phrases import (
    EARNS_LATER,
    VERDICT_WORDS,
    distinguishable,
    earns_later,
    input_lines,
    not_shown,
    number,
    place_in_words,
    score,
    short_id,
    time_limits,
    tolerances_off,
    verdict_sentence,
)
from judge.reports.queries import (
    MAX_LINE_CHARS,
    by_severity,
    counterexample_result,
    finite,
    name_and_address,
    pages_to_read,
    share,
    timing,
)

MAX_MESSAGE_CHARS = 8_000
MAX_FINDINGS = 100
MAX_CHECKS = 2_000


def submission_data(report: Report, max_chars: int) -> Json:
    """Return everything the page shows about a submission; source and output get ``max_chars`` characters each."""
    lines = shown_lines(report.source, max_chars) if report.source else []
    left_out = len(split_lines(report.source.removesuffix("\n"))) - len(lines) if report.source else 0
    findings = by_severity(report.findings)
    return {
        "path": name(report),
        "verdict": report.verdict.value,
        "words": VERDICT_WORDS[report.verdict],
        "sentence": verdict_sentence(report),
        "score": score(report),
        "share": share(report.points, report.out_of),
        "stamp": "" if report.isolation.level.holds_strangers else line(stamp(report)),
        "findings": [_finding(report, one, lines) for one in findings[:MAX_FINDINGS]],
        "findingsLeftOut": max(0, len(findings) - MAX_FINDINGS),
        "checks": [_check(check, max_chars) for check in report.checks[:MAX_CHECKS]],
        "checksLeftOut": max(0, len(report.checks) - MAX_CHECKS),
        "source": lines,
        "cells": [[one.cell, one.first, one.count] for one in _cells(report)],
        "notes": [list(_blocks(note)) for note in _notes(report)],
        "linesLeftOut": left_out,
        "stdout": visible_block(clip(report.stdout, max_chars)),
        "counterexample": _counterexample(report.counterexample),
        "notShown": not_shown(report),
        "about": [[key, line(value)] for key, value in _about(report) if value],
    }


def _cells(report: Report) -> tuple[CellLines, ...]:
    return report.notebook.cells if report.notebook is not None else ()


def _notes(report: Report) -> tuple[str, ...]:
    return report.notebook.notes if report.notebook is not None else ()


def name(report: Report) -> str:
    """Return the submission's path as it is shown."""
    return line(report.path) or "(no name)"


def line(text: str) -> str:
    """Return untrusted text on one line of bounded length."""
    return visible(clip(text, MAX_LINE_CHARS))


def _finding(report: Report, finding: Finding, lines: list[str]) -> Json:
    return {
        "code": line(finding.code),
        "severity": finding.severity.value,
        "title": line(finding.title) or line(finding.code),
        "blocks": list(_blocks(finding.message)),
        "where": place_in_words(report, finding),
        "marks": [[one.line, one.start, one.end] for one in marks(report.source, finding.span, lines)],
        "checks": [line(CheckId(check).name) for check in finding.checks[:MAX_CHECKS]],
        "read": [_page(page) for page in pages_to_read(finding)[:6]],
    }


def _page(page: str) -> Json:
    """Return ``[name, address]``; ``[text, ""]`` for something that is not a web page, like a command."""
    name, address = name_and_address(page)
    return [line(name), address] if address else [line(page), ""]


def _blocks(message: str) -> Iterator[Json]:
    """Yield its parts: ``{"code": [line, ...]}``, or ``{"text": [prose, code, prose, ...]}``."""
    for part in parts_of(message, MAX_MESSAGE_CHARS):
        if isinstance(part, CodeBlock):
            yield {"code": [visible(line) for line in part.lines]}
        else:
            yield {"text": [visible(piece.text) for piece in part.pieces]}


def _check(check: CheckResult, max_chars: int) -> Json:
    data: dict[str, Json] = {
        "name": line(short_id(check).removesuffix(" (hidden)")),
        "title": line(check.title),
        "kind": check.kind.value,
        "outcome": check.outcome.value,
        "points": f"{number(check.points)} / {number(check.out_of)}",
        "hidden": check.visibility is Visibility.HIDDEN,
        "wall": finite(check.wall_s),
        "reason": line(EARNS_LATER if earns_later(check) else check.reason),
        "stdout": visible_block(clip(check.stdout, max_chars)),
    }
    if check.kind is CheckKind.CASE and check.outcome is Outcome.FAILED and check.expected is not None:
        data["expected"], data["got"] = distinguishable(check.expected, check.got)
        data["off"] = tolerances_off(check.difference)
        data["tolerance"] = number(check.tolerance, 3) if check.tolerance is not None else ""
    elif check.difference is not None:
        data["off"] = tolerances_off(check.difference)
    return data


def _counterexample(found: Counterexample | None) -> Json:
    if found is None:
        return None
    return {
        "inputs": [line(one) for one in input_lines(found.inputs)],
        "result": line(counterexample_result(found)),
    }


def _about(report: Report) -> Iterator[tuple[str, str]]:
    yield "Exercise", f"{report.exercise_title} ({report.exercise})"
    yield "Exercise digest", report.exercise_digest
    yield "SHA-256 of the file", report.sha256
    yield "Isolation", isolation_line(report.isolation).removeprefix("isolation: ")
    if report.isolation.missing:
        yield "Missing layers", ", ".join(report.isolation.missing)
    measured = (
        ("Graded in", "wall_s", " s"),
        ("CPU time", "cpu_s", " s"),
        ("Peak memory", "peak_memory_mib", " MiB"),
    )
    for title, key, unit in measured:
        value = timing(report, key)
        if value is not None:
            yield title, number(value, 3) + unit
    lane = report.timing.get("lane")
    if isinstance(lane, str) and lane:
        reason = report.timing.get("lane_reason")
        yield "Lane", f"{lane} ({reason})" if isinstance(reason, str) and reason else lane
    yield "Time limits", time_limits(report.limits)
    yield "Memory limit", f"{report.limits.memory_mib:,} MiB"
    yield "Environment", ", ".join(f"{key} {value}" for key, value in report.environment.items())
