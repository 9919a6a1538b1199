#!/usr/bin/env python3
"""Grades a file on PrairieLearn: reads /grade/student and /grade/tests, writes /grade/results/results.json.

Exit status 0: the results are written. Any other is a failure of the grader, and nothing is written: PrairieLearn then
reports that grading failed, and nobody gets 0 points for it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import judge

ROOT = Path(os.environ.get("GRADE_ROOT", "/grade"))
KINDS = (".py", ".ipynb")

MAX_BYTES = 1_000_000
"""PrairieLearn takes results of 1 MB."""
CLIPS = (20_000, 4_000, 1_000, 200, 0)
"""Characters of each text, tried in turn until the results fit."""


def submitted(student: Path, data: dict[str, Any]) -> tuple[Path | None, str]:
    """Return the file to grade, and why there is none: the file that the question asks for, else the only one."""
    wanted = [str(name) for name in (data.get("params") or {}).get("_required_file_names") or []]
    files = [path for path in sorted(student.glob("*")) if path.is_file() and not path.is_symlink()]
    named = [path for path in files if path.name in wanted and path.suffix in KINDS]
    fitting = named or [path for path in files if path.suffix in KINDS]
    if len(fitting) == 1:
        return fitting[0], ""
    asked = f" ({', '.join(wanted)})" if wanted else ""
    return None, f"Submit exactly one Python file or notebook{asked}. There are {len(fitting)} here."


def not_gradable(reasons: list[str]) -> dict[str, Any]:
    """Return the results of a submission that cannot be read: it costs no attempt."""
    return {"gradable": False, "message": "The submission could not be read.", "format_errors": reasons}


def results_of(report: judge.Report) -> dict[str, Any]:
    """Return the results of a report, with nothing of hidden cases in them."""
    shown = judge.redact(report)
    if report.verdict is judge.Verdict.INVALID_SUBMISSION:
        reasons = [f"{finding.title}. {finding.message}" for finding in shown.findings]
        return not_gradable(reasons or ["The file cannot be used as a submission."])
    specified = json.loads(
        judge.render(shown, "gradescope")
    )  # one entry for each check, and one for what is hidden
    share = report.points / report.out_of if report.out_of else 0.0
    return {
        "gradable": True,
        "score": min(1.0, max(0.0, share)),
        "message": f"{report.points:g} of {report.out_of:g} points",
        "output": specified["output"],
        "tests": [
            {
                "name": test["name"],
                "points": test["score"],
                "max_points": test["max_score"],
                "message": test.get("status", ""),
                "output": test["output"],
            }
            for test in specified["tests"]
        ],
    }


def fitted(results: dict[str, Any]) -> bytes:
    """Return the results as JSON of at most ``MAX_BYTES``, with texts clipped as far as that needs."""
    data = b""
    for limit in CLIPS:
        data = json.dumps(_clipped(results, limit), allow_nan=False).encode()
        if len(data) <= MAX_BYTES:
            return data
    raise ValueError(f"the results have {len(data):,} bytes, and no text is left to clip")


def _clipped(value: Any, limit: int) -> Any:
    if isinstance(value, dict):
        return {key: _clipped(inner, limit) for key, inner in value.items()}
    if isinstance(value, list):
        return [_clipped(inner, limit) for inner in value]
    if isinstance(value, str) and len(value) > limit:
        return value[:limit] + " ..." if limit else "..."
    return value


def write(results: dict[str, Any]) -> None:
    """Write the results whole or not at all; PrairieLearn does not make their folder."""
    document = fitted(results)
    folder = ROOT / "results"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as draft:
        draft.write(document)
    os.chmod(draft.name, 0o644)
    os.replace(draft.name, folder / "results.json")


def main() -> int:
    """Grade what was submitted; exit status 0 when there are results."""
    (ROOT / "results" / "results.json").unlink(missing_ok=True)
    try:
        data = json.loads((ROOT / "data" / "data.json").read_text(encoding="utf-8"))
        submission, reason = submitted(ROOT / "student", data)
        if submission is None:
            write(not_gradable([reason]))
            return 0
        packs = sorted((ROOT / "tests").glob("*.zip"))
        with judge.Grader(packs[0] if packs else ROOT / "tests") as grader:
            report = grader.grade(submission)
        if report.verdict is judge.Verdict.JUDGE_ERROR:
            raise judge.JudgeError("; ".join(finding.message for finding in report.findings))
        write(results_of(report))
    except (judge.JudgeError, judge.UsageError, OSError, ValueError) as error:
        print(f"the judge could not grade this submission: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
