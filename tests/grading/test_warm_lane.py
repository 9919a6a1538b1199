"""The warm lane opens for the repository's exercise, on all shapes of its cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from judge.grader import Grader
from judge.model import Verdict

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_an_ordinary_file_is_answered_in_the_warm_lane() -> None:
    """A program that hands work to threads hangs in a forked child, and closes the lane for everybody."""
    with Grader(ROOT, warm=True) as grader:
        grader.prepare()
        report = grader.grade(ROOT / "submissions" / "alice.py")
    assert report.verdict is Verdict.ACCEPTED
    assert report.timing["lane"] == "warm", report.timing
