"""What a teacher would write to have a whole class graded: some pytest processes at a time, one for each submission.

``naive_loop.py JOBS SUBMISSION...`` runs ``test_cases.py`` of the current folder. Exit status 1 and what pytest
printed when pytest itself had trouble, since that would look very fast.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

TROUBLES = (2, 3, 4, 5)
"""Exit statuses of a pytest that was interrupted, failed itself, was misused, or found no test."""


def main(jobs: int, submissions: list[str]) -> int:
    with ThreadPoolExecutor(jobs) as pool:
        runs = list(pool.map(_tested, submissions))
    troubled = [run.stdout for run in runs if run.returncode in TROUBLES]
    sys.stdout.write("".join(troubled))
    return 1 if troubled else 0


def _tested(submission: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--tb=line", "test_cases.py"],
        env={**os.environ, "SUBMISSION": submission},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
