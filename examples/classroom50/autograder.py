"""Grades a learner's file on Classroom 50 with the public pack that lies beside this file, and writes result.json.

Classroom 50 runs it in the learner's checkout. Exit status 0: there is a result, good or bad. Any other is a failure of
the grader, which Classroom 50 then shows as such: no result is written, and nobody gets 0 points for it.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SUBMISSION = "submission.py"
BUNDLE = Path(os.environ.get("CLASSROOM50_BUNDLE_DIR") or Path(__file__).parent).resolve()
PYTHON = [
    sys.executable,
    "-P",
]  # the learner's checkout is the current folder: nothing may be imported from it


def install() -> None:
    """Install judge: from a wheel in the bundle, else from the index; in the versions of a constraints.txt there."""
    wheels = sorted(str(path) for path in BUNDLE.glob("*.whl"))
    constraints = BUNDLE / "constraints.txt"
    options = ["-c", str(constraints)] if constraints.is_file() else []
    command = [*PYTHON, "-m", "pip", "install", "--quiet", *options, *(wheels or ["jax-judge"])]
    subprocess.run(command, check=True, stdout=sys.stderr)


def main() -> int:
    """Grade the submission; exit status 0 when it was graded."""
    for name in ("result.json", "release-body.md"):  # whatever the learner committed under these names
        Path(name).unlink(missing_ok=True)
    pack = BUNDLE / "exercise.zip"
    if not pack.is_file():
        print(
            f"::error::there is no exercise.zip in {BUNDLE}; 'judge pack --public' makes it", file=sys.stderr
        )
        return 2
    if importlib.util.find_spec("judge") is None:
        install()
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "r.classroom50.json")
        report = Path(folder, "r.md")
        command = [*PYTHON, "-m", "judge", SUBMISSION, "--exercise", str(pack), "--audience", "learner"]
        graded = subprocess.run([*command, "--plain", "-o", str(result), "-o", str(report)], check=False)
        if graded.returncode not in (0, 1):  # 0: accepted, 1: graded and not accepted
            print(f"::error::judge could not grade (exit status {graded.returncode})", file=sys.stderr)
            return graded.returncode
        Path("release-body.md").write_bytes(report.read_bytes())  # what the learner reads beside the score
        Path("result.json").write_bytes(result.read_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
