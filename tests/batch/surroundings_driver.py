"""`judge PATH...` with graders that run nothing: all else, from the arguments to the exit status, is the command's own.

JUDGE_TEST_SOURCE_CHARS makes the reports so large.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from support.batch_fakes import EXERCISE, FakeGrader, Tracks, failed, settings

from judge import cli, retry
from judge.commands import grade as grade_command
from judge.commands.grade_batch import _told_apart, run_batch
from judge.model import Report, Submission
from judge.submission import Unusable
from judge.submissions.collect import collect

PADDING = int(os.environ.get("JUDGE_TEST_SOURCE_CHARS", "0"))


class PaddedGrader(FakeGrader):
    """Makes reports that need more room when the source says ``large``."""

    def grade(
        self, read: Submission | Unusable, /, *, on_retry: Callable[[str], None] = retry.ignore
    ) -> Report:
        report = super().grade(read, on_retry=on_retry)
        return replace(report, source=report.source + "#" * PADDING) if "large" in report.source else report


def grade(options: argparse.Namespace) -> int:
    retry.PAUSES_S = (0.0,)
    place, files = _told_apart([Path(path) for path in options.output])
    return run_batch(
        collect([Path(path) for path in options.paths]),
        replace(settings(Tracks(), 1), make_grader=lambda: PaddedGrader(Tracks()), failed=failed),
        exercise=EXERCISE,
        folder_path=place,
        files=files,
        format_name=options.format,
        plain=options.plain,
    )


if __name__ == "__main__":
    grade_command.run = grade
    raise SystemExit(cli.main())
