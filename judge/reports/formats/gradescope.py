"""Gradescope's results.json: scores as numbers, what a learner may see, and hidden cases for instructors only.

Everything that Gradescope would show a learner is made from the redacted report, even when the given report is the
staff's: then hidden checks become tests with visibility ``hidden``, which instructors see.  All formats are
``text``, so nothing in a name or an output is markup.  Format: Gradescope's autograder specification.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from judge.model import CheckResult, Json, Outcome, Report, UsageError, Visibility
from judge.reports.escape import clip, visible, visible_block
from judge.reports.formats.text import report as text
from judge.reports.phrases import counted
from judge.reports.queries import evidence, finite, result_name_of, timing
from judge.reports.redact import redact
from judge.reports.terminal import TerminalStyle

SUFFIXES: tuple[str, ...] = (".gradescope.json",)
BATCH = False

OUTPUT_WIDTH = 88
"""Columns that fit Gradescope's output box on a laptop."""
MAX_OUTPUT_CHARS = 60_000
MAX_TEST_CHARS = 8_000

_STATUS = {Outcome.PASSED: "passed", Outcome.FAILED: "failed", Outcome.NOT_REACHED: "failed"}


def render(report: Report) -> str:
    """Return the results of one submission; a number that is not finite scores 0."""
    shown = redact(report)
    hidden = [check for check in report.checks if check.visibility is Visibility.HIDDEN]
    tests = [_test(check, "visible") for check in shown.checks] + [_test(check, "hidden") for check in hidden]
    rest = _not_listed(report, shown) if not hidden else None
    results: dict[str, Json] = {
        "score": finite(report.points) or 0.0,
        "output": clip(text.render(shown, TerminalStyle(width=OUTPUT_WIDTH)), MAX_OUTPUT_CHARS),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "verdict": report.verdict.value,
            "sha256": visible(report.sha256),
            "exercise_digest": visible(report.exercise_digest),
        },
        "tests": [*tests, *([rest] if rest else [])],
    }
    wall_s = timing(report, "wall_s")
    if wall_s is not None:
        results["execution_time"] = math.ceil(wall_s)
    return json.dumps(results, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def render_batch(reports: Sequence[Report]) -> str:
    """Return the results of the only submission.  Raises UsageError for several: Gradescope grades one at a time."""
    if len(reports) != 1:
        raise UsageError(
            f"a Gradescope results.json is about one submission, not {counted(len(reports), 'submission')}"
        )
    return render(reports[0])


def _test(check: CheckResult, visibility: str) -> Json:
    parts = ["\n".join(evidence(check))]
    parts += (
        [f"Printed:\n{visible_block(clip(check.stdout, MAX_TEST_CHARS))}"] if check.stdout.strip() else []
    )
    return {
        "name": result_name_of(check),
        "name_format": "text",
        "status": _STATUS[check.outcome],
        "score": finite(check.points) or 0.0,
        "max_score": finite(check.out_of) or 0.0,
        "output": "\n\n".join(part for part in parts if part),
        "output_format": "text",
        "tags": [check.kind.value],
        "visibility": visibility,
    }


def _not_listed(report: Report, shown: Report) -> Json:
    """Return one line for the hidden cases that were removed, so that the listed points add up to the score."""
    if not shown.redacted_cases:
        return None
    earned = finite(report.points - sum(check.points for check in shown.checks))
    possible = finite(report.out_of - sum(check.out_of for check in shown.checks))
    if earned is None or possible is None or not 0 <= earned <= possible or possible == 0:
        return None
    return {
        "name": f"{counted(shown.redacted_cases, 'hidden case')}, not shown",
        "name_format": "text",
        "score": round(earned, 9),
        "max_score": round(possible, 9),
        "output": "",
        "output_format": "text",
        "tags": ["case"],
        "visibility": "visible",
    }
