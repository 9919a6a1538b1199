"""The warm lane: a zygote with all programs in memory, and the conditions under which its attempts count.

Theory of operation. An attempt in a process forked from the warm zygote counts only when every step was answered,
with nothing that may depend on where it was forked. In all other cases - it exits to compile, reaches a limit, dies,
hangs, breaks the protocol - the submission starts over in the cold lane and nothing of the attempt is used. So both
lanes give the same verdict, and a forged end of the attempt only costs time.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from judge.inside.warmup.exit_on_compile import LEFT
from judge.model import Ended, Limits, Observation, SandboxError, StepObservation
from judge.sandbox.zygote import Zygote

STEP_S = 3.0
"""A call whose programs are in memory takes some 0.05 s; one that takes this long does not belong in this lane."""

ATTEMPT_SHARE = 0.25
"""The part of a submission's total time that an attempt may use; the used time is missing in the cold lane."""

STARTS_ALLOWED = 3
"""The zygote may be started this many times: fewer deaths are taken as bad luck."""

LANE_DEPENDENT = ("MemoryError", "RecursionError", "OSError", "XlaRuntimeError", "JaxRuntimeError")
"""Exceptions of these classes, or below them, may depend on the zygote that the process was forked from.

They come from the memory, stack or threads that were left, or from inside of XLA.
"""

LANE_DEPENDENT_ITSELF = ("RuntimeError", "SystemError")
"""And of these, but none below them: "can't start new thread" is a plain RuntimeError."""


def discard_reason(observation: Observation) -> str:
    """Return the reason that this attempt in the warm lane does not count; empty when it does."""
    for step in (observation.load, *observation.cases.values()):
        if reason := _why_step_left(step):
            return reason
    return ""


def _why_step_left(step: StepObservation) -> str:
    measured = step.measured
    if measured.ended is Ended.EXITED and measured.exit_code == LEFT:
        return "a program had to be compiled"
    if measured.ended is Ended.WALL_LIMIT:
        brisk = measured.own_wall_s < STEP_S
        return "all calls together took too long" if brisk else f"no answer within {STEP_S:g} s"
    if measured.ended is not Ended.ANSWERED:
        return f"it ended: {measured.ended.value.replace('-', ' ')}"
    raised = step.claimed.raised
    if raised is not None:
        names = [name.rpartition(".")[2] for name in raised.type_names]
        if set(names) & set(LANE_DEPENDENT) or raised.type_name in LANE_DEPENDENT_ITSELF:
            return f"it raised {raised.type_name}"
    return ""


def warm_limits(limits: Limits) -> Limits:
    """Return the limits of an attempt in the warm lane: the same, but for the time of one step and of all."""
    in_all_s = ATTEMPT_SHARE * limits.total_wall_s
    return replace(limits, wall_s=min(limits.wall_s, STEP_S), total_wall_s=in_all_s)


@dataclass
class _Held:
    """A zygote and the number of its users; a retired one ends with its last use."""

    zygote: Zygote
    users: int = 0
    retired: bool = False


class WarmLane:
    """Starts the warm zygote, replaces it when it dies, and closes the lane when it is of no use.

    All sandboxes of a judge share it, each from a thread of its own: warming up takes several seconds, and a zygote
    forks in a few milliseconds.
    """

    def __init__(self, children_per_zygote: int) -> None:
        self._children_per_zygote = children_per_zygote
        self._lock = threading.RLock()
        self._members: set[object] = set()
        self._held: _Held | None = None
        self._starts = 0
        self.closed = ""
        """The reason that the lane is closed; empty while it is open."""

    def begin(self, member: object, start: Callable[[], Zygote]) -> None:
        """Add a member until it calls `leave`, and have a zygote started unless one runs; do not wait.

        ``start`` makes a zygote with a warm-up without waiting for it; SandboxError closes the lane.
        """
        with self._lock:
            self._members.add(member)
            held = self._held
            if held is not None and held.zygote.children >= self._children_per_zygote:
                self._retire()
                self._starts -= 1
            elif held is not None and not held.zygote.alive:
                self._retire()
            if self.closed or self._held is not None:
                return
            if self._starts >= STARTS_ALLOWED:
                self._shut(f"the warm zygote died {self._starts} times")
                return
            self._starts += 1
            try:
                self._held = _Held(start())
            except SandboxError as error:
                self._shut(str(error))

    @contextlib.contextmanager
    def lease(self, *, wait: bool, given_up: Callable[[], bool] = lambda: False) -> Iterator[Zygote | None]:
        """Yield the zygote, kept during the block; None when the lane is closed or, without ``wait``, not ready yet.

        Waiting ends when it is ``given_up``.
        """
        while True:
            with self._lock:
                held, ready = self._usable()
                if held is not None and ready:
                    held.users += 1
            if held is None or ready or not wait or given_up():
                break
            time.sleep(0.01)  # without the lock, so that `leave` is not delayed
        if not ready:
            held = None
        try:
            yield None if held is None else held.zygote
        finally:
            if held is not None:
                with self._lock:
                    held.users -= 1
                    self._end_if_done(held)

    def keeps_busy(self, processors: Sequence[int]) -> bool:
        """Return True if a warm-up runs on one of these processors, so that other work there only delays it."""
        with self._lock:
            held, ready = self._usable()
            return held is not None and not ready and not set(processors).isdisjoint(held.zygote.warms_up_on)

    def _usable(self) -> tuple[_Held | None, bool]:
        """Return the zygote that may be used now or soon, and True if it is ready."""
        held = self._held
        if held is None:
            return None, False
        try:
            ready = held.zygote.ready
            refused = held.zygote.refused if ready else ""
        except SandboxError as error:
            ready, refused = False, str(error)
        if refused:
            self._shut(refused)
            return None, False
        return held, ready

    def leave(self, member: object) -> None:
        """Remove a member; the last one ends the zygote at once. The lane may be used again."""
        with self._lock:
            self._members.discard(member)
            if not self._members and self._held is not None:
                self._held.zygote.close()
                self._held = None

    def _shut(self, reason: str) -> None:
        self.closed = reason
        self._retire()

    def _retire(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.retired = True
            self._end_if_done(held)

    def _end_if_done(self, held: _Held) -> None:
        if held.retired and not held.users:
            held.zygote.close()
