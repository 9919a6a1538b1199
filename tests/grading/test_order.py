"""Hidden inputs come after all public ones, and a case that is repeated comes before them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from judge.grade import REPEAT_PREFIX, LoadedExercise, observe
from judge.grader import load_exercise_with_goldens
from judge.model import Submission, Visibility
from judge.sandbox import Call
from judge.submission import submission_of

ROOT = Path(__file__).resolve().parents[2]
ANYTHING = submission_of("def solve(seed, x_batch, y_batch, lr):\n    return 1\n")


class Asked(Exception):
    """Holds the calls that a sandbox was asked for."""


class Listening:
    def observe(self, source: bytes, entry_point: str, calls: Sequence[Call], **more: Any) -> SimpleNamespace:
        raise Asked([call.id for call in calls])


def calls_of(loaded: LoadedExercise, submission: Submission = ANYTHING) -> list[str]:
    try:
        observe(loaded, submission, Listening())  # type: ignore[arg-type]
    except Asked as asked:
        return list(asked.args[0])
    raise AssertionError("nothing was asked for")


def test_hidden_cases_come_last_in_whatever_order_they_are_read() -> None:
    loaded = load_exercise_with_goldens(ROOT)
    hidden = {case.id for case in loaded.cases if case.visibility is Visibility.HIDDEN}
    public = {case.id for case in loaded.cases} - hidden
    assert hidden
    assert public
    for cases in (loaded.cases, loaded.cases[::-1]):
        made = LoadedExercise(loaded.exercise, cases, loaded.goldens, loaded.misconceptions)
        calls = calls_of(made)
        first_hidden = min(calls.index(name) for name in hidden)
        assert {name.removeprefix(REPEAT_PREFIX) for name in calls[:first_hidden]} == public
        assert set(calls[first_hidden:]) == hidden
        assert sum(name.startswith(REPEAT_PREFIX) for name in calls) == 1, "the repeated case is among the public ones"
