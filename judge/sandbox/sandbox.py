"""A place where submissions run: one zygote, and sessions forked from it one after another."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from judge.inside import bubblewrap, proofs
from judge.model import Isolation, Limits, Observation, SandboxError, StepObservation
from judge.sandbox import levels
from judge.sandbox.policy import DEFAULT_FLAGS, Policy, refuse_readable_secrets
from judge.sandbox.session import Call, Session
from judge.sandbox.zygote import PRELOAD, Zygote

CHILDREN_PER_ZYGOTE = 500
"""A fresh zygote now and then bounds what a slow leak in a library could cost."""

FILENAME = "submission.py"

EXAMINE = "examine"
"""As ``accept``: find out the level, whatever it is; nothing but probes may then be run."""


class Sandbox:
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
    ) -> None:
        """Nothing is started before it is needed.

        ``accept`` is the weakest isolation level to run under. ``affinity`` names the processors that submissions
        may use (default: one of those that the judge may use): the last bits of results depend on their number.
        ``secrets`` are folders that submissions must not be able to read.
        """
        self._limits, self._accept, self._flags = limits, accept, dict(flags)
        self._affinity = _one_processor() if affinity is None else tuple(affinity)
        self._secrets = tuple(secrets)
        self._zygote: Zygote | None = None
        self._preload = tuple(preload)
        self._bubblewrap: str | None = None
        self._assessment: levels.Assessment | None = None

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
    def assessment(self) -> levels.Assessment:
        """What probes showed about the isolation here; starts the zygote when it is not running.

        Raises SandboxTooWeakError when it is weaker than accepted.
        """
        if self._assessment is None:
            assessment = levels.assess(self._probe, self._accept)
            if assessment.level not in ("strong", "none") and (bwrap := bubblewrap.find_bubblewrap()):
                assessment = self._assess_under(bwrap, assessment)
            if self._accept != EXAMINE:
                levels.require(assessment, self._accept)
            refuse_readable_secrets(Policy(assessment.layers), self._secrets)
            self._assessment = assessment
        return self._assessment

    def _assess_under(self, bwrap: str, without: levels.Assessment) -> levels.Assessment:
        """Where this process may not make namespaces, bubblewrap perhaps may: around the whole zygote."""
        self.close()
        self._bubblewrap = bwrap
        try:
            within = levels.assess(self._probe, self._accept)
        except SandboxError:
            within = without
        if within is not without and within.level == "strong":
            return within
        self.close()
        self._bubblewrap = None
        return without

    @property
    def isolation(self) -> Isolation:
        return self.assessment.isolation

    @property
    def limits(self) -> Limits:
        return self._limits

    @property
    def environment(self) -> Mapping[str, str]:
        """Versions and flags of the place where submissions run; starts the zygote when it is not running."""
        return self._running().environment

    def open(self, limits: Limits | None = None) -> Session:
        """A confined process that waits for its submission. Raises SandboxError when it cannot be had."""
        if self._accept == EXAMINE:
            raise SandboxError("this sandbox was made to be examined, not to run submissions")
        assessment = self.assessment
        policy = Policy(assessment.layers, assessment.uid)
        session = self._spawn(policy, limits or self._limits, {})
        try:
            policy.require(session.layers)
        except SandboxError:
            session.close()
            raise
        return session

    def _probe(self, layers: tuple[str, ...], uid: int | None) -> Mapping[str, proofs.Proof]:
        with proofs.planted() as canaries:
            extra = {"canaries": canaries.to_json()}
            with self._spawn(Policy(layers, uid), self._limits, extra) as session:
                return {name: proofs.Proof(**proof) for name, proof in session.proof().items()}

    def _spawn(self, policy: Policy, limits: Limits, extra: Mapping[str, object]) -> Session:
        channel, their_channel = socket.socketpair()
        keeper, their_keeper = socket.socketpair()
        output_fd, their_output_fd = os.pipe()
        try:
            request = {**policy.request(limits, self._affinity), **extra}
            self._running().spawn(request, (their_channel.fileno(), their_keeper.fileno(), their_output_fd))
        finally:
            their_channel.close()
            their_keeper.close()
            os.close(their_output_fd)
        session = Session(channel, keeper, output_fd, limits)
        try:
            session.wait_until_started()
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
            zygote = self._zygote = Zygote(self._flags, self._preload, self._bubblewrap)
        return zygote


def _one_processor() -> tuple[int, ...]:
    """One of the processors that this process may use; empty where the system cannot tell."""
    if not hasattr(os, "sched_getaffinity"):
        return ()
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[os.getpid() % len(allowed)],)
