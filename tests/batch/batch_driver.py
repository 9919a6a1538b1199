"""A whole batch over ./class with graders that run nothing, as a process of its own that can be killed.

python batch_driver.py OUT JOBS DELAY_S [FORMAT [FILE...]]
"""

from __future__ import annotations

import sys
from pathlib import Path

from support.batch_fakes import EXERCISE, Tracks, conditions, settings

from judge import retry
from judge.commands.grade_batch import run_batch
from judge.submissions.collect import collect


def main() -> int:
    retry.PAUSES_S = tuple(0.0 for _ in retry.PAUSES_S)
    out, jobs, delay_s, *rest = sys.argv[1:]
    format_name, *files = rest or ["text"]
    return run_batch(
        collect([Path("class")]),
        settings(Tracks(), int(jobs), float(delay_s)),
        exercise=EXERCISE,
        folder_path=Path(out) if out != "-" else None,
        conditions=conditions(),
        files=[Path(file) for file in files],
        format_name=format_name,
    )


if __name__ == "__main__":
    raise SystemExit(main())
