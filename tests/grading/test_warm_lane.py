"""The warm lane opens for the repository's exercise, on all shapes of its cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from judge.grader import Grader
from judge.model import Verdict
from judge.sandbox import Warm

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
def test_an_ordinary_file_is_answered_in_the_warm_lane(grader: Grader) -> None:
    """A program that hands work to threads hangs in a forked child, and closes the lane for everybody."""
    with Grader.of(grader.loaded, warm=Warm.FIRST) as waiting:
        waiting.prepare()
        report = waiting.grade(ROOT / "submissions" / "alice.py")
    assert report.verdict is Verdict.ACCEPTED
    assert report.timing["lane"] == "warm", report.timing
