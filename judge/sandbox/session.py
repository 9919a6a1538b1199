"""One submission's run on the judge's side: send a step, wait for its answer, never longer than the limits allow.

Whatever the other side does - answers, lies, floods, sleeps, dies - each step ends in a StepObservation. All bytes
that arrive are capped before they are kept and parsed by `judge.wire`.

Time counts as far as the process could have used it: the time that it waited for a processor that others had is
subtracted, as reported by its keeper (`judge.inside.run_delay`), which is asked only when a limit is reached. After
`LAST_RESORT` times the limit every process is stopped.
"""

from __future__ import annotations

import contextlib
import os
import select
import selectors
import signal
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from judge import wire
from judge.closing import Closing
from judge.model import (
    Claimed,
    ClaimedFrame,
    Ended,
    Inputs,
    Json,
    KilledFromOutsideError,
    Limits,
    Measured,
    SandboxError,
    StepObservation,
)
from judge.sandbox import deaths, oom, whereabouts
from judge.sandbox.claims import read_claim

GRACE_S = 120.0
"""The longest time that the judge's own processes may take for work of milliseconds on an idle machine."""
LAST_RESORT = 20.0
"""A step, and all steps together, may last this many times their limit on a busy machine."""
SHORTEST_S = 0.005
"""The shortest time between two questions how long a process has waited."""
OVER = -1.0
"""In place of a deadline: there is no more time."""
CLOSED_S = 1.0
"""The longest time that a process may live on after it has closed its channel."""

WHERE_S = 0.5
"""The longest wait for a stack, on a busy machine; a process that goes on writing gets no more."""
WHERE_SILENCE_S = 0.1
"""After the first line, a pause of this length is the stack's end."""
MAX_WHERE_BYTES = 1 << 16

MAX_HEADERS_BYTES = wire.MAX_RUN_WEIGHT
"""The total weight of the headers of one run (see `wire.weight`): parsed, at most four times as many bytes."""
FRAME_CAPS = wire.Caps(
    header_bytes=1 << 19, body_bytes=8 * wire.MAX_ANSWER_NUMBERS, header_weight=MAX_HEADERS_BYTES
)
"""Somewhat above the largest frame of the worker."""
BUILD_CAPS = wire.Caps(header_bytes=1 << 20, body_bytes=1 << 28)


@dataclass(frozen=True)
class Call:
    """One call of the entry point; ``id`` stays on this side."""

    id: str
    inputs: Inputs


class Session(Closing):
    """The running inside process of one submission. Use as a context manager: leaving it kills what is left."""

    def __init__(self, channel: socket.socket, keeper: socket.socket, output_fd: int, limits: Limits) -> None:
        self._channel, self._keeper, self._output_fd = channel, keeper, output_fd
        self._limits = limits
        self._reader = wire.FrameReader(FRAME_CAPS)
        self._keeper_reader = wire.FrameReader(wire.Caps())
        self._frames: list[wire.Frame] = []
        self.headers_bytes = 0
        """The weight of this run's headers so far; carried over when the run goes on in a fresh process."""
        self._channel_open = True
        self._output = bytearray()
        self._output_bytes = 0
        self._ended: Mapping[str, Json] | None = None
        self._spent_s = 0.0
        self._steps = self._calls = 0
        self._waited: Mapping[str, Json] | None = None
        """The keeper's answer about the present step, since it was asked."""
        self._oom_kills = oom.kills()
        self._closed = False
        self._closing = threading.Lock()
        """Held where the descriptors are closed, or used by another thread."""
        self._pending = memoryview(b"")
        self.layers: tuple[str, ...] = ()
        self.compiled = True
        """False when Python refused the file, as reported by a process in which nothing of it had run."""
        self._selector = selectors.DefaultSelector()
        os.set_blocking(output_fd, False)
        channel.setblocking(False)
        keeper.setblocking(False)
        self._selector.register(channel, selectors.EVENT_READ, self._on_channel)
        self._selector.register(keeper, selectors.EVENT_READ, self._on_keeper)
        self._selector.register(output_fd, selectors.EVENT_READ, self._on_output)

    # ------------------------------------------------------------------------------------------------- steps

    def wait_until_started(self, timeout_s: float = GRACE_S) -> None:
        """Wait for the keeper's report that the inside process is confined.

        Raises SandboxError with the keeper's reason when it refused: the run fails closed.
        """
        deadline = time.monotonic() + timeout_s
        while not self.layers and self._ended is None:
            if not self._turn(deadline):
                raise SandboxError(f"the keeper said nothing within {timeout_s:g} s")
        if not self.layers:
            reason = (self._ended or {}).get("reason", "it ended before it was confined")
            raise SandboxError(f"the sandbox could not be set up: {reason}")

    def proof(self) -> Mapping[str, Json]:
        """Return a probing process's proofs of its own confinement. Raises SandboxError when it sent none."""
        deadline = time.monotonic() + GRACE_S
        while not self._frames and self._channel_open and self._turn(deadline):
            continue
        if not self._frames or self._frames[0].kind != "proof":
            raise SandboxError(f"the probing process ended without a word{self._last_words()}")
        return dict(self._frames[0].header["proofs"])

    def load(
        self, source: bytes, filename: str, entry_point: str, arity: int, *, scaled: bool = False
    ) -> StepObservation:
        """Compile the submission's file and execute it; both count as one step.

        ``scaled`` is `judge.inside.scaled_updates`.
        """
        first = self._step(wire.pack({"kind": "compile", "filename": filename}, source), "compiled", None)
        raised = first.claimed.raised
        self.compiled = raised is None or "builtins.SyntaxError" not in raised.type_names
        if first.measured.ended is not Ended.ANSWERED or raised is not None:
            return first
        header: dict[str, Json] = {
            "kind": "load",
            "filename": filename,
            "entry_point": entry_point,
            "arity": arity,
        }
        if scaled:
            header["scaled"] = True
        then = self._step(wire.pack(header), "loaded", None)
        measured = replace(
            then.measured,
            wall_s=first.measured.wall_s + then.measured.wall_s,
            output_bytes=first.measured.output_bytes + then.measured.output_bytes,
        )
        claimed = replace(then.claimed, stdout=first.claimed.stdout + then.claimed.stdout)
        return StepObservation(measured, claimed)

    def call(self, inputs: Sequence[Any]) -> StepObservation:
        """Call the entry point once with these positional arguments."""
        self._calls += 1
        return self._step(wire.pack_call(self._calls, inputs), "answer", self._calls)

    def ask(self, message: bytes, timeout_s: float) -> wire.Frame:
        """Return the answer of a process that runs an author's own files. Raises SandboxError without one in time."""
        deadline = time.monotonic() + timeout_s
        self._reader = wire.FrameReader(BUILD_CAPS)
        self._pending = memoryview(message)
        try:
            self._want_write(True)
            while not self._frames and self._channel_open and self._ended is None and self._turn(deadline):
                continue
        except wire.FrameError as error:
            raise SandboxError(f"the process sent something else than an answer: {error}") from None
        finally:
            self._want_write(False)
        if not self._frames:
            raise SandboxError(f"the process ended or hung without an answer{self._last_words()}")
        del self._output[:]
        return self._frames.pop(0)

    def _last_words(self) -> str:
        """Return the exit and last output of the process, as the end of a sentence."""
        self._drain_output()
        ended = self._ended or {}
        printed = deaths.last_lines(self._output.decode("utf-8", "replace"))
        parts = (deaths.in_words(ended.get("exit_code"), ended.get("signal")), printed, deaths.here())
        return ": " + "; ".join(part for part in parts if part)

    def close(self) -> None:
        """Kill what is left of the inside process and wait for its keeper's report."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        if self._ended is None:
            self._stop(time.monotonic() + GRACE_S)
        self._selector.close()
        for resource in (self._channel, self._keeper):
            resource.close()
        os.close(self._output_fd)

    def kill(self) -> None:
        """Have the inside process killed, also from another thread; for the step that runs it has exited."""
        with self._closing:
            if not self._closed:
                self._tell_keeper_to_kill()

    @property
    def over(self) -> bool:
        """True when the process has ended, so that no further step can be answered."""
        return self._ended is not None

    @property
    def totals(self) -> tuple[float, float]:
        """CPU seconds and peak memory in MiB of the whole run; zeros until it has ended."""
        ended = self._ended or {}
        return float(ended.get("cpu_s", 0.0)), float(ended.get("peak_memory_mib", 0.0))

    @property
    def spent_s(self) -> float:
        """The part of the time for all steps that is used; the process's waiting is subtracted once it has ended."""
        return max(self._spent_s - float((self._ended or {}).get("in_all_s", 0.0)), 0.0)

    # ------------------------------------------------------------------------------------------ one step

    def _step(self, message: bytes, expected_kind: str, number: int | None) -> StepObservation:
        start = time.monotonic()
        output_before = self._output_bytes
        del self._output[:]
        self._pending = memoryview(message)
        self._say_that_a_step_begins()
        ended, detail, claimed = self._exchange(start, expected_kind, number)
        asked_s = -time.monotonic()
        if ended in (Ended.WALL_LIMIT, Ended.OUTPUT_LIMIT) and self._ended is None and self._channel_open:
            claimed = {"stopped_at": self._where()}
        elif ended in (Ended.CPU_LIMIT, Ended.MEMORY_LIMIT, Ended.THREAD_LIMIT):
            self._drain_output()
            stack = whereabouts.cut_from(self._output)
            claimed = {"stopped_at": whereabouts.frames_in(stack)}
        asked_s += time.monotonic()
        waited = self._waited if self._ended is None else self._ended  # of one that ended itself all is known
        waited_s = float((waited or {}).get("in_step_s", 0.0))
        if ended is not Ended.ANSWERED and self._ended is None:
            self._stop(time.monotonic() + GRACE_S)
        wall_s = time.monotonic() - start - asked_s  # the judge's own question, also when it is not answered
        self._spent_s += wall_s
        outcome = self._ended or {}
        measured = Measured(
            ended=ended,
            wall_s=wall_s,
            cpu_s=float(outcome.get("cpu_s", 0.0)),
            peak_memory_mib=float(outcome.get("peak_memory_mib", 0.0)),
            output_bytes=self._output_bytes - output_before,
            exit_code=outcome.get("exit_code"),
            signal=outcome.get("signal"),
            detail=detail,
            waited_s=waited_s,
        )
        stdout = bytes(self._output).decode("utf-8", "replace")
        return StepObservation(measured, Claimed(**claimed, stdout=stdout))

    def _where(self) -> tuple[ClaimedFrame, ...]:
        """Return the submission's lines where the process is now, as far as it says so in time."""
        with contextlib.suppress(OSError):
            self._keeper.send(wire.WHERE)
        said = b""
        silence = deadline = time.monotonic() + WHERE_S
        while len(said) < MAX_WHERE_BYTES and (left_s := silence - time.monotonic()) > 0:
            if not select.select([self._channel], [], [], left_s)[0]:
                break
            try:
                data = self._channel.recv(1 << 16)
            except OSError:
                break
            if not data:
                break
            said += data
            if whereabouts.BEGIN in said:
                silence = min(time.monotonic() + WHERE_SILENCE_S, deadline)
        return whereabouts.frames_in(said)

    def _say_that_a_step_begins(self) -> None:
        self._steps += 1
        self._waited = None
        with contextlib.suppress(OSError):  # a missing keeper is noticed elsewhere
            self._keeper.send(wire.STEP)

    def _deadline(self, start: float, allowed_s: float) -> float:
        """Return the deadline of a wait that began at ``start``, given the process's waiting that is known so far."""
        waited = self._waited or {}
        step_s = allowed_s + float(waited.get("in_step_s", 0.0))
        total_s = self._limits.total_wall_s - self._spent_s + float(waited.get("in_all_s", 0.0))
        patience_s = LAST_RESORT * min(allowed_s, self._limits.total_wall_s)
        patience_in_all_s = LAST_RESORT * self._limits.total_wall_s - self._spent_s
        return start + min(step_s, total_s, patience_s, patience_in_all_s)

    def _later(self, start: float, allowed_s: float) -> float:
        """Ask the keeper, and return the new deadline; `OVER` when it has passed anyway."""
        self._waited = None
        with contextlib.suppress(OSError):
            self._keeper.send(wire.HOW_LONG)
        grace = time.monotonic() + GRACE_S
        while self._waited is None and self._ended is None and not self._frames and self._turn(grace):
            continue
        deadline, now = self._deadline(start, allowed_s), time.monotonic()
        if self._ended is None and not self._frames and deadline <= now:
            return OVER
        return max(deadline, now + SHORTEST_S)

    def _exchange(
        self, start: float, expected_kind: str, number: int | None
    ) -> tuple[Ended, str, dict[str, Any]]:
        if self._ended is not None:
            return self._how_it_ended(), "", {}
        deadline = self._deadline(start, self._limits.wall_s)
        try:
            self._turn(time.monotonic())  # bytes that came before the step was sent are no answer
            if self._frames or not self._reader.empty:
                raise wire.FrameError("bytes came before the step was sent")
            self._want_write(True)
            while not self._frames:
                if self._output_bytes > self._limits.output_kib * 1024:
                    return Ended.OUTPUT_LIMIT, "", {}
                if self._ended is not None:
                    return self._how_it_ended(), "", {}
                if not self._channel_open:
                    return self._after_close(), "the process closed its channel", {}
                if not self._turn(deadline):
                    deadline = self._later(start, self._limits.wall_s)
                    if deadline == OVER:
                        return Ended.WALL_LIMIT, "", {}
            if self._pending:
                raise wire.FrameError("an answer came before the step was received")
            self._drain_output()
            if self._output_bytes > self._limits.output_kib * 1024:
                return Ended.OUTPUT_LIMIT, "", {}
            frame = self._frames.pop(0)
            self.headers_bytes += frame.weight
            if self.headers_bytes > MAX_HEADERS_BYTES:
                raise wire.FrameError(
                    f"the answers hold more than {MAX_HEADERS_BYTES >> 20} MiB of text, or as much in parts"
                )
            if frame.kind != expected_kind or frame.header.get("number") != number:
                raise wire.FrameError(f"a frame came that answers nothing: {frame.kind[:40]!r}")
            return Ended.ANSWERED, "", read_claim(frame)
        except wire.FrameError as error:
            return Ended.PROTOCOL, str(error), {}
        finally:
            self._want_write(False)

    def _after_close(self) -> Ended:
        """Wait for the exit that normally follows a closed channel; a process that lives on broke the protocol."""
        start = time.monotonic()
        self._say_that_a_step_begins()
        deadline = start + CLOSED_S
        while self._ended is None:
            if not self._turn(deadline):
                deadline = self._later(start, CLOSED_S)
                if deadline == OVER:
                    return Ended.PROTOCOL
        return self._how_it_ended()

    def _how_it_ended(self) -> Ended:
        ended = self._ended or {}
        reason, number = ended.get("reason"), ended.get("signal")
        if reason == "memory":
            return Ended.MEMORY_LIMIT
        if reason == "threads":
            return Ended.THREAD_LIMIT
        if number == signal.SIGSYS:
            return Ended.FORBIDDEN_CALL
        if number == signal.SIGXCPU:
            return Ended.CPU_LIMIT
        if number == signal.SIGKILL and reason == "exited":
            return self._why_killed()
        return Ended.EXITED

    def _why_killed(self) -> Ended:
        """Return the reason for a SIGKILL that its keeper did not send, and that no filtered process can send itself.

        Raises KilledFromOutsideError when neither a limit nor the submission can have been the reason.
        """
        ended = self._ended or {}
        if float(ended.get("peak_memory_mib", 0.0)) > self._limits.memory_mib:
            return Ended.MEMORY_LIMIT  # beyond the limit the kernel was faster than the keeper
        before, after = self._oom_kills, oom.kills()
        out_of_memory = before is not None and after is not None and after > before
        # The kernel counts CPU time in ticks and kills a little early by its own account.
        if float(ended.get("cpu_s", 0.0)) >= 0.8 * self._limits.cpu_s and not out_of_memory:
            return Ended.CPU_LIMIT
        if "seccomp" not in self.layers and not out_of_memory:
            return Ended.EXITED
        who = "by the kernel, which was out of memory" if out_of_memory else "from outside"
        raise KilledFromOutsideError(
            f"the process was killed {who}, at {ended.get('peak_memory_mib', 0.0):.0f} MiB of the "
            f"{self._limits.memory_mib} MiB that it may have"
        )

    # ------------------------------------------------------------------------------------------ descriptors

    def _turn(self, deadline: float) -> bool:
        """Handle what is ready, waiting until the deadline at most. Returns False when the deadline has passed."""
        wait_s = deadline - time.monotonic()
        ready = self._selector.select(max(wait_s, 0.0))
        for key, mask in ready:
            key.data(mask)
        return bool(ready) or wait_s > 0

    def _want_write(self, wanted: bool) -> None:
        if self._channel_open and self._channel.fileno() in self._registered():
            mask = selectors.EVENT_READ | (selectors.EVENT_WRITE if wanted and self._pending else 0)
            self._selector.modify(self._channel, mask, self._on_channel)

    def _registered(self) -> set[int]:
        return {key.fd for key in self._selector.get_map().values()}

    def _on_channel(self, mask: int) -> None:
        if mask & selectors.EVENT_WRITE and self._pending:
            try:
                self._pending = self._pending[self._channel.send(self._pending) :]
            except BlockingIOError:
                return
            except OSError:
                self._pending = memoryview(b"")
                self._close_channel()
                return
            if not self._pending:
                self._want_write(False)
        if mask & selectors.EVENT_READ:
            self._take_in()
            if len(self._frames) > 1:
                raise wire.FrameError("more than one answer came")

    def _take_in(self) -> bool:
        """Read from the channel; return False when there is nothing yet, or nothing will come any more."""
        try:
            data = self._channel.recv(1 << 16)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._close_channel()
            return False
        self._frames.extend(self._reader.feed(data))
        return True

    def _close_channel(self) -> None:
        if self._channel_open:
            self._channel_open = False
            self._selector.unregister(self._channel)

    def _on_keeper(self, mask: int) -> None:
        try:
            data = self._keeper.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._selector.unregister(self._keeper)
            if self._ended is None:
                # Killed from outside, for example by a kernel short of memory: no fault of the submission.
                self._ended = {"reason": "its keeper is gone"}
                raise KilledFromOutsideError("the process that keeps watch over the submission is gone")
            return
        for frame in self._keeper_reader.feed(data):
            if frame.kind == "started":
                self.layers = tuple(frame.header["layers"]) or ("none",)
            elif frame.kind == "waited":
                if frame.header["step"] == self._steps:
                    self._waited = frame.header
            else:
                self._drain_channel()
                self._ended = frame.header

    def _drain_channel(self) -> None:
        """Read an answer that was sent before the process ended: it still counts."""
        while self._channel_open and not self._frames and self._take_in():
            continue

    def _on_output(self, mask: int) -> None:
        self._drain_output(limit=1)

    def _drain_output(self, limit: int = 64) -> None:
        cap = self._limits.shown_output_kib * 1024
        for _ in range(limit):
            try:
                data = os.read(self._output_fd, 1 << 16)
            except BlockingIOError:
                return
            if not data:
                if self._output_fd in self._registered():
                    self._selector.unregister(self._output_fd)
                return
            self._output_bytes += len(data)
            self._output += data[: max(cap - len(self._output), 0)]

    def _stop(self, deadline: float) -> None:
        """Tell the keeper to kill the inside process, and wait for its report."""
        self._drain_output(limit=1)
        if self._output_fd in self._registered():
            self._selector.unregister(self._output_fd)  # a flood is not read to its end
        self._tell_keeper_to_kill()
        while self._ended is None:
            try:
                if not self._turn(deadline):
                    raise SandboxError("the keeper did not confirm that the process is gone")
            except wire.FrameError:
                self._close_channel()

    def _tell_keeper_to_kill(self) -> None:
        with contextlib.suppress(OSError):
            self._keeper.shutdown(socket.SHUT_WR)
