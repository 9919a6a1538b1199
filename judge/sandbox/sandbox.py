"""A place where submissions run: one zygote, and sessions forked from it one after another."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

from judge.model import Isolation, Limits, Observation, SandboxError, StepObservation
from judge.sandbox.policy import Policy
from judge.sandbox.session import Call, Session
from judge.sandbox.zygote import Zygote

CHILDREN_PER_ZYGOTE = 500
"""A fresh zygote now and then bounds what a slow leak in a library could cost."""

FILENAME = "submission.py"


class Sandbox:
    """Runs submissions one at a time, each confined on its own, and observes them.

    Use as a context manager, from one thread at a time; several sandboxes run side by side.
    """

    def __init__(self, policy: Policy, limits: Limits, affinity: Sequence[int] = ()) -> None:
        """``affinity`` names the processors that submissions may use; the last bits of results depend on their
        number. Nothing is started before the first submission."""
        self._policy, self._limits = policy, limits
        self._affinity = tuple(affinity)
        self._zygote: Zygote | None = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    @property
    def isolation(self) -> Isolation:
        return self._policy.isolation

    @property
    def limits(self) -> Limits:
        return self._limits

    @property
    def environment(self) -> Mapping[str, str]:
        """Versions and flags of the place where submissions run; starts the zygote when it is not running."""
        return self._running().environment

    def open(self, limits: Limits | None = None) -> Session:
        """A confined process that waits for its submission. Raises SandboxError when it cannot be had."""
        limits = limits or self._limits
        channel, their_channel = socket.socketpair()
        keeper, their_keeper = socket.socketpair()
        output_fd, their_output_fd = os.pipe()
        try:
            request = self._policy.request(limits, self._affinity)
            self._running().spawn(request, (their_channel.fileno(), their_keeper.fileno(), their_output_fd))
        finally:
            their_channel.close()
            their_keeper.close()
            os.close(their_output_fd)
        session = Session(channel, keeper, output_fd, limits)
        try:
            session.wait_until_started()
            self._policy.require(session.layers)
        except SandboxError:
            session.close()
            raise
        return session

    def observe(
        self,
        source: bytes,
        entry_point: str,
        calls: Sequence[Call],
        *,
        limits: Limits | None = None,
        on_step: Callable[[str], None] = lambda call_id: None,
    ) -> Observation:
        """Load the source and make the calls in order, in one confined process.

        Calls after the one that ended the process are missing from the result. ``on_step`` hears each call's id
        before it is made.
        """
        start = time.monotonic()
        cases: dict[str, StepObservation] = {}
        arity = len(calls[0].inputs) if calls else 0
        with self.open(limits) as session:
            load = session.load(source, FILENAME, entry_point, arity)
            usable = load.claimed.raised is None
            for call in calls if usable else ():
                if session.over:
                    break
                on_step(call.id)
                cases[call.id] = session.call(list(call.inputs.values()))
            session.close()
            cpu_s, peak_memory_mib = session.totals
        return Observation(
            load=load,
            cases=cases,
            isolation=self.isolation,
            wall_s=time.monotonic() - start,
            cpu_s=cpu_s,
            peak_memory_mib=peak_memory_mib,
            environment=self.environment,
        )

    def _running(self) -> Zygote:
        zygote = self._zygote
        if zygote is not None and (not zygote.alive or zygote.children >= CHILDREN_PER_ZYGOTE):
            self.close()
            zygote = None
        if zygote is None:
            zygote = self._zygote = Zygote(self._policy.flags, self._policy.argv_prefix)
        return zygote
