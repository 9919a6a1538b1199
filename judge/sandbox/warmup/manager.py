"""Compiled programs and a warm-up, for speed on one exercise; shared by all sandboxes of a judge.

``compiled`` is read from the user's cache folder, or built by a sandbox and stored there. Where the folder cannot be
used everything runs without: slower, and with the same results.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from judge.model import Case, Exercise, Limits, SandboxError, SandboxTooWeakError
from judge.sandbox.cpu_affinity import spread
from judge.sandbox.session import Session
from judge.sandbox.warmup.plan import WarmPlan, plan_for
from judge.sandbox.warmup.program_builder import build, without_redundant_steps
from judge.sandbox.warmup.program_cache import CacheFolder, CacheFolderError, Compiled, key_of
from judge.sandbox.warmup.warm_lane import WarmLane

BUILDER = Limits(wall_s=300.0, total_wall_s=3600.0, cpu_s=3600.0, memory_mib=6144, output_kib=4096)
"""For the process that runs an author's files one after another."""

CHILDREN_PER_ZYGOTE = 2000
"""Of the warm zygote; a fresh one takes several seconds."""

BUILDERS = 4
"""The largest number of processes that build at once."""

LOCK_WAIT_S = 180.0
"""The longest wait for another judge that may be building the same: that takes a minute, or may hang."""

OnProgress = Callable[[int, int], None]


class Builder(Protocol):
    """The part of a sandbox that building in it needs."""

    @property
    def flags(self) -> Mapping[str, str]: ...

    @property
    def affinity(self) -> tuple[int, ...]: ...

    def open(
        self, limits: Limits | None = None, affinity: Sequence[int] | None = None
    ) -> contextlib.AbstractContextManager[Session]: ...


class CompiledPrograms:
    """Compiled programs and the warm-up of an exercise. Any number of threads may use it."""

    def __init__(self, exercise: Exercise, cases: Sequence[Case], folder: Path | None = None) -> None:
        """``folder`` holds the compiled programs (default: the user's cache folder)."""
        self._exercise, self._cases, self._folder = exercise, tuple(cases), folder
        self._lock = threading.RLock()  # reentrant: building opens a session, which calls `known`
        self._compiled: Compiled | None = None
        self._looked = self._learnt = False
        self._lanes: dict[tuple[object, ...], WarmLane] = {}
        self.say: Callable[[str], None] = lambda line: None
        """Called with a line when there is a wait."""
        self.problem = ""
        """The reason that there are no compiled programs, or that they could not be stored; else empty."""

    def lane(self, *likeness: object) -> WarmLane:
        """Return the warm lane that all sandboxes with this likeness share."""
        with self._lock:
            return self._lanes.setdefault(likeness, WarmLane(CHILDREN_PER_ZYGOTE))

    @cached_property
    def plan(self) -> WarmPlan:
        return plan_for(self._exercise, self._cases)

    def known(self, sandbox: Builder) -> Compiled | None:
        """Return the compiled programs that exist already, without building any."""
        with self._lock:
            return self._known(sandbox)

    @property
    def notice(self) -> str:
        """A sentence for users about a problem; '' when all is well."""
        if not self.problem:
            return ""
        if self._compiled is not None:
            return f"the compiled programs could not be stored, so each run builds them again: {self.problem}"
        return f"there are no compiled programs, so grading takes longer: {self.problem}"

    def wanted(self, sandbox: Builder) -> bool:
        """Return True if `build` would do anything."""
        with self._lock:
            return bool(self.plan.sources) and self._known(sandbox) is None and not self.problem

    def build(self, sandbox: Builder, on_progress: OnProgress) -> None:
        """Have ``sandbox`` build the missing programs; on failure ``problem`` gives the reason.

        ``on_progress(done, of)`` is called with numbers of files. Other callers of `build` wait meanwhile.
        """
        with self._lock:
            if not self.wanted(sandbox):
                return
            try:
                with CacheFolder(self._folder) as folder, folder.lock(LOCK_WAIT_S, self.say):
                    key = self._key(sandbox)
                    self._compiled = folder.read(key)  # another judge may have built it meanwhile
                    if self._compiled is None:
                        self._compiled = self._build(sandbox, on_progress)
                        folder.write(key, self._compiled)
            except SandboxTooWeakError:
                raise
            except (CacheFolderError, SandboxError) as error:
                self.problem = str(error)

    def learn(self, sandbox: Builder, brought: Sequence[Sequence[int]]) -> None:
        """Drop calls that were useless in a finished warm-up from later ones (see `Zygote.brought`)."""
        with self._lock:
            compiled = self._compiled
            if compiled is None or self._learnt or len(brought) != len(compiled.steps):
                return
            self._learnt = True
            steps = without_redundant_steps(compiled.steps, brought)
            if steps == compiled.steps:
                return
            self._compiled = replace(compiled, steps=steps)
            with contextlib.suppress(CacheFolderError), CacheFolder(self._folder) as folder, folder.lock():
                folder.write(self._key(sandbox), self._compiled)

    def remembers(self, sandbox: Builder, fact: bytes) -> bool:
        """Return True if `remember` stored this fact for the same programs, versions, flags and processor."""
        with contextlib.suppress(CacheFolderError), CacheFolder(self._folder) as folder:
            return folder.read(self._key(sandbox, fact)) is not None
        return False

    def remember(self, sandbox: Builder, fact: bytes) -> None:
        """Keep a fact in the user's cache folder: an entry without programs. Without a folder it is forgotten."""
        with contextlib.suppress(CacheFolderError), CacheFolder(self._folder) as folder, folder.lock(5.0):
            folder.write(self._key(sandbox, fact), Compiled({}, ()))

    def _known(self, sandbox: Builder) -> Compiled | None:
        if self._compiled is None and not self._looked:
            self._looked = True
            try:
                with CacheFolder(self._folder) as folder:
                    self._compiled = folder.read(self._key(sandbox))
            except CacheFolderError as error:
                self.problem = str(error)
        return self._compiled

    def _key(self, sandbox: Builder, *facts: bytes) -> str:
        return key_of(sandbox.flags, len(sandbox.affinity), (*self.plan.parts, *facts))

    def _build(self, sandbox: Builder, on_progress: OnProgress) -> Compiled:
        with contextlib.ExitStack() as stack:
            sessions = [
                stack.enter_context(sandbox.open(BUILDER, affinity))
                for affinity in spread(sandbox.affinity, BUILDERS)
            ]
            return build(sessions, self.plan, on_progress)
