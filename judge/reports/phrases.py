"""The words that reports for people share: verdicts, numbers and counts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from judge.model import (
    CheckId,
    CheckKind,
    CheckResult,
    Finding,
    Json,
    Limits,
    Notebook,
    Outcome,
    PackInfo,
    Report,
    Verdict,
    Visibility,
)
from judge.reports.json_values import json_value

VERDICT_WORDS: Mapping[Verdict, str] = {
    Verdict.JUDGE_ERROR: "Judge error",
    Verdict.INVALID_SUBMISSION: "Invalid submission",
    Verdict.VIOLATION: "Violation",
    Verdict.MEMORY_LIMIT: "Memory limit",
    Verdict.TIME_LIMIT: "Time limit",
    Verdict.OUTPUT_LIMIT: "Output limit",
    Verdict.RUNTIME_ERROR: "Runtime error",
    Verdict.WRONG_ANSWER: "Wrong answer",
    Verdict.PITFALL: "Pitfall",
    Verdict.ACCEPTED: "Accepted",
}


def verdict_sentence(report: Report) -> str:
    """Return the meaning of the verdict in one plain sentence; '' for accepted."""
    limits = report.limits
    return {
        Verdict.JUDGE_ERROR: "The judge could not finish its work. This is no fault of the submission.",
        Verdict.INVALID_SUBMISSION: "The file cannot be used as a submission, so no case was judged on it.",
        Verdict.VIOLATION: "The program was stopped because it did something that no solution needs to do.",
        Verdict.MEMORY_LIMIT: f"The program needed more memory than the {limits.memory_mib:,} MiB it may use.",
        Verdict.TIME_LIMIT: f"The program ran longer than it may: {time_limits(limits)}.",
        Verdict.OUTPUT_LIMIT: f"The program printed more than the {limits.output_kib:,} KiB that it may.",
        Verdict.RUNTIME_ERROR: "The program stopped with an error before it returned an answer.",
        Verdict.WRONG_ANSWER: "The program ran, and what it returned is not the right answer.",
        Verdict.PITFALL: "Every number is right, but the code does something that will go wrong elsewhere.",
        Verdict.ACCEPTED: "",
    }[report.verdict]


def time_limits(limits: Limits) -> str:
    return f"{number(limits.wall_s)} s for one case, {number(limits.total_wall_s)} s in all"


def score(report: Report) -> str:
    """Return ``12 of 20 points``."""
    return f"{number(report.points)} of {number(report.out_of)} {plural(report.out_of, 'point')}"


def line_in_words(line: int, notebook: Notebook | None) -> str:
    """Return ``line 12``, or ``cell 5, line 3`` where the source was taken from a notebook."""
    place = notebook.place(line) if notebook is not None else None
    return f"line {line}" if place is None else f"cell {place[0]}, line {place[1]}"


def place_in_words(report: Report, finding: Finding) -> str:
    """Return the line that a finding begins on, in words; '' for one without a place."""
    return line_in_words(finding.span.line, report.notebook) if finding.span is not None else ""


def cell_in_words(report: Report, finding: Finding) -> str:
    """Return ``cell 5, line 3`` for a place in a notebook, '' elsewhere: where a line alone would be a false one."""
    return place_in_words(report, finding) if report.notebook is not None else ""


NOTEBOOK_NOTES = "What was left out of the notebook"


def plural(count: float, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def counted(count: int, noun: str) -> str:
    """Return ``1 case``, ``12 cases``."""
    return f"{count:,} {plural(count, noun)}"


def number(value: float, digits: int = 6) -> str:
    """Return a number as short as possible: ``0.25``, ``20``, ``1.5e-07``, ``NaN``, ``infinity``."""
    try:
        value = float(value)
    except OverflowError:  # an int beyond floating point
        return "infinity" if value > 0 else "-infinity"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "infinity" if value > 0 else "-infinity"
    return f"{value:.{digits}g}"


def numbers(values: Sequence[float] | None, digits: int = 9, most: int = 4) -> str:
    """Return compared values: one alone, several in brackets, of many the first few."""
    if values is None:
        return "nothing"
    if len(values) == 1:
        return number(values[0], digits)
    shown = [number(value, digits) for value in values[:most]]
    if len(values) > most:
        shown.append(f"... {len(values):,} numbers")
    return f"[{', '.join(shown)}]"


def distinguishable(expected: Sequence[float], got: Sequence[float] | None, most: int = 4) -> tuple[str, str]:
    """Return expected and got with enough digits to show that they differ; of many entries the most different one."""
    if got is not None and len(expected) == len(got) > most:
        place = max(range(len(got)), key=lambda at: _apart(expected[at], got[at]))
        pair = distinguishable((expected[place],), (got[place],))
        return f"[{place}] = {pair[0]}", f"[{place}] = {pair[1]}"
    for digits in range(6, 18):
        shown = numbers(expected, digits), numbers(got, digits)
        if shown[0] != shown[1]:
            return shown
    return numbers(expected), numbers(got)


def tolerances_off(difference: float | None) -> str:
    """Return ``1,830 tolerances off``; '' when there was nothing to compare."""
    times = times_off(difference)
    if times.startswith("infinitely"):
        return f"{times} off"
    return f"{times} tolerances off" if times else ""


def times_off(difference: float | None) -> str:
    """Return the multiple of the tolerance, ``1,830``; '' when there was nothing to compare."""
    if difference is None or math.isnan(difference):
        return ""
    if math.isinf(difference):
        return "infinitely far"
    if difference >= 1e9:
        return "over 1,000,000,000"
    return f"{difference:,.0f}" if difference >= 100 else number(difference, 3)


def input_lines(inputs: Mapping[str, Json], most: int = 12) -> list[str]:
    """Return ``x_batch = [[1]]``, one line per input, unescaped; of large values the beginning."""
    lines = [f"{name} = {_value(json_value(value))}" for name, value in list(inputs.items())[:most]]
    if len(inputs) > most:
        lines.append(f"... {counted(len(inputs) - most, 'more input')}")
    return lines


def cases_of(report: Report) -> list[CheckResult]:
    return [check for check in report.checks if check.kind is CheckKind.CASE]


def pitfalls_of(report: Report) -> list[CheckResult]:
    return [check for check in report.checks if check.kind is CheckKind.PITFALL]


def passed(checks: Sequence[CheckResult]) -> int:
    return sum(check.outcome is Outcome.PASSED for check in checks)


def earns_later(check: CheckResult) -> bool:
    """Return whether this is an avoided pitfall whose points are earned only once all answers are right."""
    avoided = check.kind is CheckKind.PITFALL and check.outcome is Outcome.PASSED
    return avoided and check.points == 0 and check.out_of > 0


EARNS_LATER = "points for it come when every answer is right"


def short_id(check: CheckResult) -> str:
    """Return ``FILE/NAME`` of a case or the code of a pitfall, marked when hidden."""
    bare = CheckId(check.id).name
    return f"{bare} (hidden)" if check.visibility is Visibility.HIDDEN else bare


def not_shown(report: Report) -> str:
    """Return what the reader does not get, as one or more sentences without the last full stop; '' for nothing.

    ``3 hidden cases not shown``, and with a public pack ``8 of 8 public cases right; 12 hidden cases (26 points) are
    graded by your course``.
    """
    parts = [f"{counted(report.redacted_cases, 'hidden case')} not shown"] if report.redacted_cases else []
    if report.pack is not None and report.pack.packaged:
        parts.append(
            f"Graded with the exercise that comes with judge, '{report.exercise_title}': here is no other"
        )
    if report.pack is not None and report.pack.public:
        parts.append(_left_to_the_course(report, report.pack))
        if report.verdict is Verdict.WRONG_ANSWER and report.counterexample is None:
            parts.append(
                "No smaller input on which it is wrong was looked for: a public pack has no reference solution"
            )
    return ". ".join(parts)


def _left_to_the_course(report: Report, pack: PackInfo) -> str:
    cases = cases_of(report)
    right = f"{passed(cases)} of {counted(len(cases), 'public case')} right"
    if not pack.hidden_cases:
        return right
    points = f"{number(pack.hidden_points)} {plural(pack.hidden_points, 'point')}"
    if pack.packaged:
        return f"{right}; {counted(pack.hidden_cases, 'hidden case')} ({points}) only a course can grade"
    verb = "is" if pack.hidden_cases == 1 else "are"
    return f"{right}; {counted(pack.hidden_cases, 'hidden case')} ({points}) {verb} graded by your course"


def _apart(expected: float, got: float) -> float:
    difference = abs(expected - got)
    return math.inf if math.isnan(difference) else difference


def _value(value: Json, most: int = 160) -> str:
    if isinstance(value, float):
        return number(value, 9)
    if isinstance(value, list):
        said = ""
        for place, item in enumerate(value):
            one = _value(item, most)
            if len(said) + len(one) > most:
                return f"[{said}{', ' if said else ''}... {len(value) - place:,} more]"
            said += (", " if place else "") + one
        return f"[{said}]"
    return str(value)[:most]
