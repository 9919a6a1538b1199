"""A case whose answer may be due to the calls before it is run alone in a fresh process; no other is."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from judge.grade import observe, observe_again
from judge.model import (
    Case,
    Claimed,
    ClaimedValue,
    Ended,
    Golden,
    Isolation,
    Limits,
    Measured,
    Observation,
    Origin,
    StepObservation,
    Submission,
    Visibility,
)
from judge.observed import second_run_of
from judge.sandbox import Call

CASES = [
    Case(name, "a test", {"x": float(n)}, 1.0, Visibility.PUBLIC, Origin.WRITTEN, name)
    for n, name in enumerate("ab", 1)
]
GOLDENS = {c.id: Golden(c.id, c.id, np.array([c.inputs["x"]]), 1e-5, 1e-7, {}) for c in CASES}
BENCH: Any = SimpleNamespace(cases=CASES, goldens=GOLDENS, exercise=SimpleNamespace(entry_point="solve", pitfalls=()))
SUBMISSION = Submission("made_up.py", b"", "")


class Runs:
    """A sandbox whose submission answers with ``answer(x, earlier)``: the input, and those of the calls before it."""

    limits = Limits(total_wall_s=60.0)

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.granted: list[float] = []
        self.processes: list[list[str]] = []

    def observe(
        self,
        source: bytes,
        entry_point: str,
        calls: Sequence[Call],
        *,
        limits: Limits | None = None,
        scaled: bool = False,
        **told: object,
    ) -> Observation:
        assert not scaled
        self.granted.append((limits or self.limits).total_wall_s)
        self.processes.append([call.id for call in calls])
        earlier: list[float] = []
        steps = {}
        for call in calls:
            x = float(call.inputs["x"])
            number = np.array([self.answer(x, earlier)])
            earlier.append(x)
            steps[call.id] = step(ClaimedValue("list", "float64", (1,), number))
        return Observation(step(None), steps, Isolation("none", (), ()), wall_s=1.0, cpu_s=0.5, own_wall_s=0.75)


def step(returned: ClaimedValue | None) -> StepObservation:
    return StepObservation(Measured(Ended.ANSWERED, 0.1, 0.0, 0.0, 0), Claimed(returned=returned))


@pytest.mark.parametrize(
    ("answer", "alone"),
    [
        (lambda x, earlier: x, []),  # right
        (lambda x, earlier: x + 1, []),  # wrong, whatever was called before
        (lambda x, earlier: x + len(earlier), ["a"]),  # something is added up
        (lambda x, earlier: [*earlier, x][0], ["b"]),  # the first answer is kept
    ],
)
def test_only_a_suspect_costs_a_second_process(answer: Any, alone: list[str]) -> None:
    sandbox: Any = Runs(answer)
    seen = observe(BENCH, SUBMISSION, sandbox)
    again = second_run_of(BENCH, SUBMISSION, seen)
    if again is not None:
        seen = observe_again(BENCH, SUBMISSION, sandbox, seen, again)
    assert list(seen.alone) == alone
    assert sandbox.processes == [["a", "b", "again:a"], *([case] for case in alone)]
    assert sandbox.granted == [60.0, 59.25][: 1 + len(alone)], "time in all is granted once"
    assert (seen.wall_s, seen.cpu_s) == (1.0 + len(alone), 0.5 + 0.5 * len(alone))
    assert set(seen.cases) == {"a", "b"}
    for case in alone:
        returned = seen.alone[case].claimed.returned
        assert returned is not None
        assert returned.array == GOLDENS[case].expected
