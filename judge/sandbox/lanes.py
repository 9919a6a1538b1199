"""The warm lane: a zygote that has compiled everything, and when its word counts.

Theory of operation.  What a process forked from the warm zygote says counts only when every step was answered, and by
nothing that a process forked there might do differently.  Whatever else happens - it leaves to compile, runs into a
limit, dies, hangs, breaks the protocol - the submission starts over in the cold lane and nothing of the attempt is
used.  So both lanes give the same verdict, and a forged end of the attempt only costs time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from judge.inside.warm_leave import LEFT
from judge.model import Ended, Limits, Observation, SandboxError, StepObservation
from judge.sandbox.zygote import Zygote

STEP_S = 3.0
"""A call whose programs are in memory takes some 0.05 s; whatever takes this long has no business in this lane."""

STALLS_ALLOWED = 3
"""So many submissions may hang here before the lane is closed."""

STARTS_ALLOWED = 3
"""So many deaths of the zygote are taken as bad luck."""

LANE_DEPENDENT = ("MemoryError", "RecursionError", "OSError", "XlaRuntimeError", "JaxRuntimeError")
"""Exceptions of these classes, or below them, may come from where the process was forked: from what memory, stack or
threads were left, or from inside of XLA."""

LANE_DEPENDENT_ITSELF = ("RuntimeError", "SystemError")
"""And of these, but none below them: "can't start new thread" is a plain RuntimeError."""


def why_left(observation: Observation) -> str:
    """Why this attempt in the warm lane does not count; empty when it does."""
    for step in (observation.load, *observation.cases.values()):
        if reason := _why_step_left(step):
            return reason
    return ""


def _why_step_left(step: StepObservation) -> str:
    measured = step.measured
    if measured.ended is Ended.EXITED and measured.exit_code == LEFT:
        return "a program had to be compiled"
    if measured.ended is Ended.WALL_LIMIT:
        return f"no answer within {STEP_S:g} s"
    if measured.ended is not Ended.ANSWERED:
        return f"it ended: {measured.ended.value.replace('-', ' ')}"
    raised = step.claimed.raised
    if raised is not None:
        names = [name.rpartition(".")[2] for name in raised.type_names]
        if set(names) & set(LANE_DEPENDENT) or raised.type_name in LANE_DEPENDENT_ITSELF:
            return f"it raised {raised.type_name}"
    return ""


def briskly(limits: Limits) -> Limits:
    """The limits of an attempt in the warm lane: the same, but for the time that one step may take."""
    return replace(limits, wall_s=min(limits.wall_s, STEP_S))


class WarmLane:
    """Starts the warm zygote, replaces it when it dies, and closes the lane when it is of no use."""

    def __init__(self, start: Callable[[], Zygote], children_per_zygote: int) -> None:
        """``start`` makes a zygote with a warm-up, without waiting for it; SandboxError closes the lane."""
        self._start, self._children_per_zygote = start, children_per_zygote
        self._zygote: Zygote | None = None
        self._stalls = self._starts = 0
        self.closed = ""
        """Why the lane is closed; empty while it is open."""

    def begin(self) -> None:
        """Start the zygote unless it runs already; do not wait."""
        if self.closed or self._zygote is not None:
            return
        if self._starts >= STARTS_ALLOWED:
            self._shut(f"the warm zygote died {self._starts} times")
            return
        self._starts += 1
        try:
            self._zygote = self._start()
        except SandboxError as error:
            self._shut(str(error))

    def zygote(self) -> Zygote | None:
        """The zygote, once it is ready; None when the lane is closed."""
        zygote = self._zygote
        if zygote is not None and zygote.children >= self._children_per_zygote:
            self._starts -= 1
            self.close()
        elif zygote is not None and not zygote.alive:
            self.close()
        self.begin()
        if self._zygote is None:
            return None
        try:
            self._zygote.wait()
            refused = self._zygote.refused
        except SandboxError as error:
            refused = str(error)
        if refused:
            self._shut(refused)
            return None
        return self._zygote

    def learn(self, observation: Observation) -> None:
        """Close the lane when submissions keep hanging in it."""
        steps = (observation.load, *observation.cases.values())
        self._stalls += any(step.measured.ended is Ended.WALL_LIMIT for step in steps)
        if self._stalls >= STALLS_ALLOWED:
            self._shut(f"{self._stalls} submissions did not answer in it")

    def close(self) -> None:
        """End the zygote; the lane may be used again."""
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def _shut(self, reason: str) -> None:
        self.closed = reason
        self.close()
