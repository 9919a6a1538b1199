"""The pieces of work that are done within limits, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from judge.model import Limits, Submission
from judge.observed import AnswerKey, judge_observation, report_or_again
from judge.submission import Unusable
from judge.submissions.notebook import read_notebook


def notebook(key: AnswerKey, submission: Submission, limits: Limits) -> Submission | Unusable:
    """Return a notebook's Python, for the exercise's entry point."""
    return read_notebook(submission, key.exercise.entry_point, limits)


WORK: Mapping[str, Callable[..., Any]] = {
    "report": judge_observation,
    "report-or-again": report_or_again,
    "notebook": notebook,
}
"""Each is called with the answer key first."""
