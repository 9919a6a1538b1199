"""A submission's time in all is granted once, and a submission that stalls in the warm lane hurts nobody else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from judge.model import Claimed, Ended, Isolation, Limits, Measured, Observation, StepObservation
from judge.sandbox import Sandbox
from judge.sandbox.warmup.warm_lane import ATTEMPT_SHARE, STEP_S, WarmLane, discard_reason, warm_limits

LIMITS = Limits(wall_s=20.0, total_wall_s=60.0)


def observation(ended: Ended, wall_s: float, waited_s: float = 0.0) -> Observation:
    load = StepObservation(Measured(Ended.ANSWERED, 0.1, 0.0, 0.0, 0), Claimed())
    step = StepObservation(Measured(ended, wall_s, 0.0, 0.0, 0, waited_s=waited_s), Claimed())
    spent_s = wall_s - waited_s + 0.1
    return Observation(load, {"a/b": step}, Isolation("strong", (), ()), own_wall_s=spent_s)


class Lanes(Sandbox):
    """A sandbox whose warm lane ends an attempt like this, and that notes what the cold lane is given."""

    def __init__(self, attempt: Observation | None) -> None:
        super().__init__(LIMITS)
        self.attempt = attempt
        self.cold: list[Limits] = []

    def _attempt_warm(self, *arguments: Any) -> tuple[Observation | None, str]:
        if self.attempt is None:
            return None, "it was not ready yet"
        return self.attempt, discard_reason(self.attempt)

    def _observe_in(self, zygote: Any, limits: Limits, **calls: Any) -> Any:
        self.cold.append(limits)
        return observation(Ended.ANSWERED, 1.0)


@pytest.mark.parametrize(
    ("attempt", "left_s"),
    [
        (observation(Ended.WALL_LIMIT, 3.0), 56.9),
        (observation(Ended.WALL_LIMIT, 9.0, waited_s=6.0), 56.9),
        (observation(Ended.EXITED, 0.2), 59.7),
        (None, 60.0),
    ],
)
def test_what_an_attempt_took_is_taken_off(attempt: Observation | None, left_s: float) -> None:
    lanes = Lanes(attempt)
    assert lanes.observe(b"", "solve", []).lane == "cold"
    assert [limits.total_wall_s for limits in lanes.cold] == [pytest.approx(left_s)]
    assert lanes.cold[0] == replace(LIMITS, total_wall_s=lanes.cold[0].total_wall_s)


def test_an_attempt_leaves_most_of_the_time_for_the_cold_lane() -> None:
    assert warm_limits(LIMITS) == replace(LIMITS, wall_s=STEP_S, total_wall_s=ATTEMPT_SHARE * 60.0)
    assert warm_limits(replace(LIMITS, wall_s=0.5)).wall_s == 0.5
    assert ATTEMPT_SHARE <= 0.25


def test_what_stalls_is_given_to_the_cold_lane_and_the_warm_one_stays_open() -> None:
    """However many stall there: it would be a way to make everybody else's submissions slow."""
    lane = WarmLane(10)
    for _ in range(10):
        lanes = Lanes(observation(Ended.WALL_LIMIT, 3.0))
        lanes._lane = lane
        found = lanes.observe(b"", "solve", [])
        assert (found.lane, found.lane_reason) == ("cold", "no answer within 3 s")
    assert lane.closed == ""


def test_the_reason_names_the_limit_that_was_met() -> None:
    assert discard_reason(observation(Ended.WALL_LIMIT, 9.0, waited_s=6.0)) == "no answer within 3 s"
    assert discard_reason(observation(Ended.WALL_LIMIT, 2.0)) == "all calls together took too long"
    assert discard_reason(observation(Ended.ANSWERED, 2.0)) == ""
