"""The sandbox that submissions run in: one zygote, and sessions forked from it one after another."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TypeAlias

from judge.closing import Closing
from judge.inside.confinement import bubblewrap, self_check
from judge.model import Isolation, IsolationLevel, Lane, Limits, Observation, SandboxError
from judge.sandbox import deaths, levels
from judge.sandbox.call_loop import NextCall, in_order, make_calls
from judge.sandbox.cancellation import Cancellation
from judge.sandbox.cpu_affinity import one_processor, spread
from judge.sandbox.flags import DEFAULT_FLAGS
from judge.sandbox.policy import Policy, refuse_readable_secrets
from judge.sandbox.session import Call, Session
from judge.sandbox.warmup.manager import CompiledPrograms, OnProgress
from judge.sandbox.warmup.plan import WarmStart
from judge.sandbox.warmup.warm_lane import WarmLane, discard_reason, warm_limits
from judge.sandbox.zygote import Zygote
from judge.sandbox.zygote_process import PRELOAD, ZygoteProcess

ObserveIn: TypeAlias = Callable[[Zygote | None, Limits], Observation]
"""Makes all calls in this zygote, or in that of the cold lane, within these limits."""

CHILDREN_PER_ZYGOTE = 500
"""A fresh zygote now and then bounds the cost of a slow leak in a library."""

EXAMINE = "examine"
"""As ``accept``: determine the level, whatever it is; only probes may be run then."""


class Warm(Enum):
    """The submission from which on the warm lane is used."""

    NEVER = "never"
    """Compiled programs are used where there are any, and built by `Sandbox.prepare` alone."""
    READY = "ready"
    """From when the warm zygote is ready; submissions wait for it only if starting it needs their processor."""
    SECOND = "second"
    """From the second: the first is observed at once, while the warm zygote starts beside it if all is compiled."""
    FIRST = "first"
    """From the first, which waits for the warm zygote to be ready."""


class Sandbox(Closing):
    """Runs submissions one at a time, each confined on its own, and observes them.

    Use as a context manager, from one thread at a time; several sandboxes run side by side.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        accept: str = "good",
        affinity: Sequence[int] | None = None,
        secrets: Sequence[Path] = (),
        flags: Mapping[str, str] = DEFAULT_FLAGS,
        preload: Sequence[str] = PRELOAD,
        programs: CompiledPrograms | None = None,
        warm: Warm = Warm.NEVER,
        launched: ZygoteProcess | None = None,
    ) -> None:
        """Start nothing before it is needed; ``launched`` was started before, and the caller closes it.

        ``accept`` is the weakest isolation level to run under. ``affinity`` names the processors that submissions may
        use (default: one of those that the judge may use): the last bits of results depend on their number.
        ``secrets`` are folders that submissions must not be able to read. ``programs`` provides compiled programs, and
        with them the warm lane, used as ``warm`` says.
        """
        self._limits, self._accept, self._flags = limits, accept, dict(flags)
        self._affinity = one_processor() if affinity is None else tuple(affinity)
        self._secrets = tuple(secrets)
        self._zygote: Zygote | None = None
        self._preload = tuple(preload)
        self._bubblewrap: str | None = None
        self._assessment: levels.Assessment | None = None
        self._programs, self._warm = programs, warm if programs is not None else Warm.NEVER
        self._launched = launched
        self._lane: WarmLane | None = None
        self._observed = 0
        self._closings = 0
        self._cancellation = Cancellation()

    def close(self) -> None:
        """End what is running, also from another thread; the sandbox may be used again."""
        self._closings += 1
        if self._lane is not None:
            self._lane.leave(self)
        self._close_cold()

    def _close_cold(self) -> None:
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def prepare(self, on_progress: OnProgress = lambda done, of: None) -> None:
        """Build the compiled programs when there are none yet, so that no submission waits for it.

        ``on_progress(done, of)`` is called as it proceeds, with numbers of files.
        """
        if self._programs is not None and self._accept != EXAMINE and self._programs.wanted(self):
            self._programs.build(self, on_progress)
            self._close_cold()  # the next zygote is started with them

    @property
    def assessment(self) -> levels.Assessment:
        """The proven isolation here; starts the zygote when it is not running.

        Raises SandboxTooWeakError when it is weaker than accepted.
        """
        if self._assessment is None:
            assessment = levels.assess(self._probe, self._accept)
            could_be_stronger = assessment.level in (IsolationLevel.WEAK, IsolationLevel.GOOD)
            if could_be_stronger and (bwrap := bubblewrap.find_bubblewrap()):
                assessment = self._assess_under(bwrap, assessment)
            if self._accept != EXAMINE:
                levels.require(assessment, self._accept)
            refuse_readable_secrets(Policy(assessment.layers), self._secrets)
            self._assessment = assessment
        return self._assessment

    def _assess_under(self, bwrap: str, without: levels.Assessment) -> levels.Assessment:
        """Assess the isolation with the whole zygote under bubblewrap, which may be allowed to make namespaces."""
        self._close_cold()
        self._bubblewrap = bwrap
        try:
            within = levels.assess(self._probe, self._accept)
        except SandboxError:
            within = without
        if within is not without and within.level is IsolationLevel.STRONG:
            return within
        self._close_cold()
        self._bubblewrap = None
        return without

    @property
    def isolation(self) -> Isolation:
        return self.assessment.isolation

    @property
    def limits(self) -> Limits:
        return self._limits

    @property
    def flags(self) -> Mapping[str, str]:
        """The environment variables that control how programs are compiled."""
        return self._flags

    @property
    def affinity(self) -> tuple[int, ...]:
        """The processors that submissions may use; empty for all."""
        return self._affinity

    @property
    def environment(self) -> Mapping[str, str]:
        """Versions and flags of the process that runs submissions; starts the zygote when it is not running."""
        return self._running().environment

    def open(self, limits: Limits | None = None, affinity: Sequence[int] | None = None) -> Session:
        """Return a confined process that waits for its submission. Raises SandboxError when it cannot be started."""
        return self._open_in(None, limits or self._limits, affinity)

    def _open_in(self, warm: Zygote | None, limits: Limits, affinity: Sequence[int] | None = None) -> Session:
        """Return a confined process forked from the warm zygote, or from the cold one: confined by the same policy."""
        if self._accept == EXAMINE:
            raise SandboxError("this sandbox was made to be examined, not to run submissions")
        assessment = self.assessment
        policy = Policy(assessment.layers, assessment.uid)
        extra = {} if affinity is None else {"affinity": list(affinity)}
        session = self._spawn(policy, limits, extra, warm)
        try:
            policy.require(session.layers)
        except SandboxError:
            session.close()
            raise
        return session

    def _probe(self, layers: tuple[str, ...], uid: int | None) -> Mapping[str, self_check.Proof]:
        with self_check.planted(self._running().pid) as canaries:
            extra = {"canaries": canaries.to_json()}
            with self._spawn(Policy(layers, uid), self._limits, extra) as session:
                return {name: self_check.Proof(**proof) for name, proof in session.proof().items()}

    def _spawn(
        self, policy: Policy, limits: Limits, extra: Mapping[str, object], warm: Zygote | None = None
    ) -> Session:
        channel, their_channel = socket.socketpair()
        keeper, their_keeper = socket.socketpair()
        output_fd, their_output_fd = os.pipe()
        try:
            request = {**policy.request(limits, self._affinity), **extra}
            zygote = warm or self._running()
            zygote.spawn(request, (their_channel.fileno(), their_keeper.fileno(), their_output_fd))
        finally:
            their_channel.close()
            their_keeper.close()
            os.close(their_output_fd)
        session = Session(channel, keeper, output_fd, limits)
        try:
            session.wait_until_started()
        except SandboxError as error:
            session.close()
            printed = zygote.printed()
            said = f"; it printed: {printed}" if printed else ""
            raise SandboxError(f"{error}{said} ({deaths.here()})") from None
        return session

    def observe(
        self,
        source: bytes,
        entry_point: str,
        calls: Sequence[Call],
        *,
        limits: Limits | None = None,
        scaled: bool = False,
        on_step: Callable[[str], None] = lambda call_id: None,
        next_call: NextCall = in_order,
    ) -> Observation:
        """Load the source and make the calls in order, in a confined process, and in a fresh one after it has died.

        Calls that could not be made within the limits are missing from the result. ``on_step(call_id)`` is called
        before each call, and again when the submission starts over in the cold lane, where it has the rest of the
        time. ``next_call`` picks each call (`judge.sandbox.call_loop`). ``scaled`` makes the size of optimizers' steps
        depend on their input (`judge.inside.scaled_updates`).
        Raises SandboxError; KilledFromOutsideError when neither a limit nor the submission ended the process;
        GradingCancelledError within `cancelled_by`.
        """
        observe_in = partial(
            self._observe_in,
            source=source,
            entry_point=entry_point,
            calls=calls,
            scaled=scaled,
            on_step=on_step,
            next_call=next_call,
        )
        try:
            observation = self._observe(observe_in, limits or self._limits, scaled)
        except SandboxError:
            self._cancellation.check()
            raise
        self._cancellation.check()
        return observation

    @contextlib.contextmanager
    def cancelled_by(self, cancellation: Cancellation) -> Iterator[None]:
        """Let the cancellation end what is observed in the block."""
        self._cancellation = cancellation
        try:
            yield
        finally:
            self._cancellation = Cancellation()

    def _observe(self, observe_in: ObserveIn, limits: Limits, scaled: bool) -> Observation:
        if self._waits_for_programs:
            self.prepare()
        attempt, reason = None, "optimizers were exchanged, so that its programs are others"
        if not scaled:
            attempt, reason = self._attempt_warm(observe_in, limits)
        if attempt is not None and not reason:
            return replace(attempt, lane=Lane.WARM, lane_reason="all of its programs were in memory")
        left_s = limits.total_wall_s - (attempt.own_wall_s if attempt is not None else 0.0)
        left = replace(limits, total_wall_s=left_s)
        observation = observe_in(None, left)
        return replace(observation, lane=Lane.COLD, lane_reason=reason)

    def _attempt_warm(self, observe_in: ObserveIn, limits: Limits) -> tuple[Observation | None, str]:
        """Return the observation in the warm lane, if it was tried there, and the reason if it does not count."""
        if self._warm is Warm.NEVER:
            return None, "the warm lane was not asked for"
        closings, waits = self._closings, self._waits_for_programs
        self._observed += 1
        assert self._programs is not None
        if not waits and self._programs.wanted(self):
            return None, "the first submission does not wait for programs to be compiled"
        lane = self._entered_lane()
        if not waits:
            return None, "the first submission does not wait for the warm lane"
        try:
            wait = self._warm is not Warm.READY or lane.keeps_busy(self._affinity)
            with lane.lease(wait=wait, given_up=lambda: self._cancellation.cancelled) as zygote:
                if zygote is None:
                    return (
                        None,
                        f"the warm lane is closed: {lane.closed}" if lane.closed else "it was not ready yet",
                    )
                if self._programs is not None:
                    self._programs.learn(self, zygote.brought)
                attempt = observe_in(zygote, warm_limits(limits))
        except SandboxError as error:
            if self._closings != closings:
                raise
            return None, f"no process could be had there: {error}"
        if self._closings != closings:
            raise SandboxError("the sandbox was closed meanwhile")
        return attempt, discard_reason(attempt)

    @property
    def _waits_for_programs(self) -> bool:
        """False without a warm lane, and for the first submission where the second is the one to wait."""
        return self._warm is not Warm.NEVER and (self._warm is not Warm.SECOND or self._observed > 0)

    def _entered_lane(self) -> WarmLane:
        """Return the warm lane with a zygote that runs or starts, unless it is closed."""
        assert self._programs is not None
        _ = self.assessment  # decides whether zygotes run under bubblewrap
        if self._lane is None:
            self._lane = self._programs.lane(
                self._bubblewrap, tuple(self._flags.items()), len(self._affinity)
            )
        self._lane.begin(self, self._start_warm)
        return self._lane

    def _observe_in(
        self,
        zygote: Zygote | None,
        limits: Limits,
        *,
        source: bytes,
        entry_point: str,
        calls: Sequence[Call],
        scaled: bool,
        on_step: Callable[[str], None],
        next_call: NextCall,
    ) -> Observation:
        start = time.monotonic()

        def open_session(limits: Limits) -> contextlib.AbstractContextManager[Session]:
            self._cancellation.check()
            return self._cancellation.kills(self._open_in(zygote, limits))

        made = make_calls(
            open_session,
            source,
            entry_point,
            calls,
            limits,
            in_one_process=zygote is not None,
            scaled=scaled,
            on_step=on_step,
            next_call=next_call,
        )
        return Observation(
            load=made.load,
            compiled=made.compiled,
            cases=made.cases,
            isolation=self.isolation,
            wall_s=time.monotonic() - start,
            own_wall_s=made.own_wall_s,
            cpu_s=made.cpu_s,
            peak_memory_mib=made.peak_memory_mib,
            environment=self.environment,
        )

    def _start_warm(self) -> Zygote:
        compiled = self._programs.known(self) if self._programs is not None else None
        if self._programs is None or compiled is None or not compiled.steps:
            problem = self._programs.problem if self._programs is not None else ""
            raise SandboxError(problem or "there are no compiled programs to warm up with")
        others = spread(self._affinity, 2)[-1]  # not where the first submission runs meanwhile
        start = WarmStart.of(self._programs.plan, compiled.steps, others)
        return Zygote(
            ZygoteProcess(self._flags, self._preload, self._bubblewrap), entries=compiled.entries, warm=start
        )

    def _running(self) -> Zygote:
        zygote = self._zygote
        if zygote is not None and (not zygote.alive or zygote.children >= CHILDREN_PER_ZYGOTE):
            self._close_cold()
            zygote = None
        if zygote is None:
            compiled = self._programs.known(self) if self._programs is not None else None
            entries = compiled.entries if compiled is not None else None
            zygote = self._zygote = Zygote(self._take_launched(), entries=entries)
            zygote.wait()
        return zygote

    def _take_launched(self) -> ZygoteProcess:
        """Return the process that was started beforehand, once, if it is of the kind that is needed now."""
        launched, self._launched = self._launched, None
        kind = (self._flags, self._preload, self._bubblewrap)
        return launched if launched is not None and launched.kind == kind else ZygoteProcess(*kind)
