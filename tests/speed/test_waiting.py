"""Who waits for the warm zygote: whoever would only delay it by working beside it."""

from __future__ import annotations

from typing import cast

from judge.model import SandboxError
from judge.sandbox.warmup.warm_lane import WarmLane
from judge.sandbox.zygote import Zygote


class FakeZygote:
    """What `WarmLane` asks of a zygote."""

    def __init__(self, *, warms_up_on: tuple[int, ...], refused: str = "") -> None:
        self.warms_up_on, self.refused = warms_up_on, refused
        self.ready, self.alive, self.children = False, True, 0

    def close(self) -> None:
        self.alive = False


def lane_with(zygote: FakeZygote) -> WarmLane:
    lane = WarmLane(10)
    lane.begin("a sandbox", lambda: cast("Zygote", zygote))
    return lane


def test_only_the_processors_of_the_warm_up_are_kept_busy_and_only_until_it_is_ready() -> None:
    zygote = FakeZygote(warms_up_on=(1, 2))
    lane = lane_with(zygote)
    assert lane.keeps_busy((1,))
    assert lane.keeps_busy((0, 2))
    assert not lane.keeps_busy((0,))
    assert not lane.keeps_busy(())  # where the system does not tell
    zygote.ready = True
    assert not lane.keeps_busy((1,))
    with lane.lease(wait=True) as leased:
        assert leased is zygote


def test_nobody_waits_for_what_will_not_come() -> None:
    zygote = FakeZygote(warms_up_on=(0,), refused="it would hang")
    lane = lane_with(zygote)
    zygote.ready = True
    assert not lane.keeps_busy((0,))
    assert lane.closed == "it would hang"
    assert not WarmLane(10).keeps_busy((0,))


def test_a_warm_up_that_dies_is_no_reason_to_wait() -> None:
    class Dead(FakeZygote):
        @property
        def ready(self) -> bool:
            raise SandboxError("it died")

        @ready.setter
        def ready(self, value: bool) -> None:
            return None

    lane = lane_with(Dead(warms_up_on=(0,)))
    assert not lane.keeps_busy((0,))
    with lane.lease(wait=True) as leased:
        assert leased is None
