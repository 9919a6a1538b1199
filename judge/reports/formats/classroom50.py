"""Classroom 50's result.json: whole numbers, and in them nothing of hidden cases but how many points they gave.

What a report cannot know - whose submission this is, and of which commit - the runner of Classroom 50 says in
environment variables.  Results are published in the learner's repository, so all of it is made from the redacted
report.  Format: ``classroom50/result/v1``, whose schema is in github.com/foundation50/classroom50.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable
from datetime import UTC, datetime

from judge.model import CheckResult, Json, Outcome, Report, UsageError
from judge.reports.escape import clip, visible
from judge.reports.phrases import counted, verdict_sentence
from judge.reports.queries import evidence, finite, name_of
from judge.reports.redact import redact

SUFFIXES: tuple[str, ...] = (".classroom50.json",)
BATCH = False

SCHEMA = "classroom50/result/v1"

FIELDS = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "owner": "USERNAME",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}
"""Fields of the result, and the variables that Classroom 50's runner sets for them."""

SCALES = (1, 10, 100, 1000)
"""Points are multiplied by the first of these that makes all of an exercise's points whole."""

MAX_TEXT_CHARS = 2_000


def require() -> None:
    """Raise UsageError, naming the variables of the environment that are missing or empty."""
    missing = [variable for variable in FIELDS.values() if not os.environ.get(variable)]
    if missing:
        raise UsageError(
            f"a result for Classroom 50 needs {', '.join(missing)} in the environment, as its runner sets "
            f"{'it' if len(missing) == 1 else 'them'}"
        )


def render(report: Report) -> str:
    """Return the result of one submission. Raises UsageError where the environment does not say whose it is."""
    require()
    shown = redact(report)
    scale = _scale([shown.out_of, *(check.out_of for check in shown.checks)])
    tests = [_test(check, scale) for check in shown.checks]
    rest = _not_listed(shown, tests, scale)
    tests += [rest] if rest else []
    result: dict[str, Json] = {
        "schema": SCHEMA,
        **{field: visible(os.environ[variable]) for field, variable in FIELDS.items()},
        "assignment_type": os.environ.get("ASSIGNMENT_TYPE") or "individual",
        "datetime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }
    return json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _test(check: CheckResult, scale: int) -> dict[str, Json]:
    possible = _whole(check.out_of, scale)
    return {
        "test-name": name_of(check) or "unnamed",
        "passed": check.outcome is Outcome.PASSED,
        "score": min(_whole(check.points, scale), possible),
        "max-score": possible,
        "message": clip(visible("; ".join(evidence(check))), MAX_TEXT_CHARS),
    }


def _not_listed(shown: Report, tests: list[dict[str, Json]], scale: int) -> dict[str, Json] | None:
    """Return one test for all points that the others do not account for; None when there are none."""
    possible = _whole(shown.out_of, scale) - sum(test["max-score"] for test in tests)
    if possible <= 0:
        return None
    earned = _whole(shown.points, scale) - sum(test["score"] for test in tests)
    earned = max(0, min(earned, possible))
    hidden = shown.redacted_cases
    return {
        "test-name": f"{counted(hidden, 'hidden case')}, not shown" if hidden else "the submission",
        "passed": earned == possible,
        "score": earned,
        "max-score": possible,
        "message": "" if hidden else clip(visible(verdict_sentence(shown)), MAX_TEXT_CHARS),
    }


def _scale(points: Iterable[float]) -> int:
    """Return the factor for an exercise's points: the same for every submission, since it depends on them alone."""
    known = [value for value in map(finite, points) if value is not None]
    return next((scale for scale in SCALES if all(_is_whole(value * scale) for value in known)), SCALES[-1])


def _is_whole(value: float) -> bool:
    return math.isfinite(value) and abs(value - round(value)) < 1e-6


def _whole(points: float, scale: int) -> int:
    """Return scaled points, rounded; 0 for a number below 0 or not finite."""
    return max(0, round(finite((finite(points) or 0.0) * scale) or 0.0))
