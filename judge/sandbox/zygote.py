"""The judge's side of the control socket, which asks a zygote for children."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any

from judge import wire
from judge.model import SandboxError
from judge.sandbox import deaths
from judge.sandbox.warmup.plan import WarmStart
from judge.sandbox.zygote_process import ZygoteProcess

START_TIMEOUT_S = 300.0


class Zygote:
    """One exec'd zygote process. Use from one thread at a time; ``close`` (or the judge's death) ends it.

    The thread that launches it must outlive it where it runs under bubblewrap, which dies with that thread.
    """

    def __init__(
        self,
        launched: ZygoteProcess,
        *,
        entries: Mapping[str, bytes] | None = None,
        warm: WarmStart | None = None,
    ) -> None:
        """Make the launched process a zygote, with compiled programs and with a warm-up.

        It can be used once `wait` has returned. Raises SandboxError with its output.
        """
        self._launched, self._process = launched, launched.process
        self.warms_up_on = warm.affinity if warm is not None else ()
        """The processors that the warm-up keeps busy until this is ready."""
        _, preload, _ = launched.kind
        self._control = launched.control
        self._reader = wire.FrameReader(wire.Caps())
        self._deadline = time.monotonic() + START_TIMEOUT_S
        self._ready: wire.Frame | None = None
        self.children = 0
        try:
            self._send_start(preload, entries, warm)
        except OSError as error:
            raise self._did_not_start(error) from None

    def wait(self) -> None:
        """Wait until it has imported and prepared everything. Raises SandboxError with its output."""
        while not self._look(max(self._deadline - time.monotonic(), 0.0)):
            continue

    @property
    def ready(self) -> bool:
        """True if `wait` would return at once. Raises SandboxError when it never will."""
        return self._look(0.0)

    @property
    def environment(self) -> dict[str, str]:
        """Versions and flags of the process that runs submissions."""
        self.wait()
        assert self._ready is not None
        return dict(self._ready.header["environment"])

    @property
    def refused(self) -> str:
        """The reason that the warm-up failed, so that this zygote must not be used; empty when it did not."""
        return str(self._warm_facts().get("refused", ""))

    @property
    def brought(self) -> list[list[int]]:
        """For each step of the warm-up, the number of operations per call that were not in memory before."""
        return [list(map(int, counts)) for counts in self._warm_facts().get("brought", [])]

    def _warm_facts(self) -> dict[str, Any]:
        self.wait()
        assert self._ready is not None
        return dict(self._ready.header.get("warm") or {})

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def spawn(self, request: Mapping[str, Any], fds: tuple[int, int, int]) -> None:
        """Ask for a child with these descriptors (channel, keeper, output). Raises SandboxError without a zygote."""
        self.children += 1
        try:
            # one message, so that two threads may spawn at once
            socket.send_fds(self._control, [wire.pack({"kind": "spawn", **request})], list(fds))
        except OSError as error:
            raise SandboxError(
                f"the zygote is gone: {self._last_words() or error} ({deaths.here()})"
            ) from None

    def printed(self) -> str:
        """Return the last lines that it and its keepers have printed since the last call; the zygote keeps running."""
        stderr = self._process.stderr
        if stderr is None or stderr.closed:
            return ""
        os.set_blocking(stderr.fileno(), False)
        try:
            return deaths.last_lines((stderr.read() or b"").decode("utf-8", "replace"))
        finally:
            os.set_blocking(stderr.fileno(), True)

    def close(self) -> None:
        """End the zygote; its children die with it."""
        self._launched.close()

    def _send_start(
        self, preload: Sequence[str], entries: Mapping[str, bytes] | None, warm: WarmStart | None
    ) -> None:
        header: dict[str, Any] = {"kind": "start", "preload": list(preload)}
        body = b""
        fds = []
        if entries is not None:
            header["entries"] = [[key, len(value)] for key, value in entries.items()]
            body += b"".join(entries.values())
        if warm is not None:
            header["warm"] = warm.header()
            body += b"".join(warm.calls)
            fds.append(warm.program_file())
        message = memoryview(wire.pack(header, body))
        try:
            self._control.settimeout(START_TIMEOUT_S)
            sent = socket.send_fds(self._control, [message], fds) if fds else 0
            self._control.sendall(message[sent:])
        finally:
            for fd in fds:
                os.close(fd)

    def _look(self, timeout_s: float) -> bool:
        """Read what has arrived, waiting at most ``timeout_s`` for more. Returns True once it is ready."""
        if self._ready is not None:
            return True
        if not select.select([self._control], [], [], timeout_s)[0]:
            if time.monotonic() >= self._deadline:
                raise self._did_not_start(TimeoutError(f"nothing within {START_TIMEOUT_S:g} s"))
            return False
        try:
            data = self._control.recv(1 << 16)
            if not data:
                raise OSError("it closed its control socket")
            for frame in self._reader.feed(data):
                self._ready = frame
        except (OSError, wire.FrameError) as error:
            raise self._did_not_start(error) from None
        return self._ready is not None

    def _did_not_start(self, error: Exception) -> SandboxError:
        return SandboxError(f"the zygote did not start: {self._last_words() or error} ({deaths.here()})")

    def _last_words(self) -> str:
        """Kill the process, and return the last lines that it printed."""
        self._process.kill()
        _, err = self._process.communicate()
        return deaths.last_lines((err or b"").decode("utf-8", "replace"))
