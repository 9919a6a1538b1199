"""Starting a zygote and asking it for children: the judge's end of the control socket."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from judge import wire
from judge.inside.confinement.bubblewrap import bubblewrap_argv
from judge.model import SandboxError
from judge.sandbox import deaths
from judge.sandbox.policy import are_known
from judge.sandbox.readable_paths import readable_paths
from judge.sandbox.warmup.plan import WarmStart

PROGRAM = Path(__file__).resolve().parents[1] / "inside" / "zygote.py"

PRELOAD = (
    "numpy",
    "jax",
    "jax.numpy",
    "jax.scipy",
    "flax",
    "flax.linen",
    "flax.training.train_state",
    "optax",
    "concurrent.futures.thread",
    "importlib.metadata",
    "dataclasses",
    "functools",
    "typing",
)
"""Imported before the fork: what submissions import, and what they would import lazily while confined."""

START_TIMEOUT_S = 300.0


def clean_environment(flags: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a zygote: nothing of the judge's own environment is inherited."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "JAX_PLATFORMS": "cpu",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        **flags,
    }


def own_paths() -> tuple[str, ...]:
    """What the zygote itself must read besides the libraries: the interpreter, and this package's untrusted side."""
    package = Path(__file__).resolve().parents[1]
    environment = Path(sys.prefix)
    return (
        sys.executable,
        os.path.realpath(sys.executable),
        *(str(path) for path in (environment / "pyvenv.cfg",) if path.exists()),
        str(package / "__init__.py"),
        str(package / "version.py"),
        str(package / "wire.py"),
        str(package / "inside"),
    )


class Launched:
    """The process of a zygote to be, which imports what submissions import while the judge reads its own files.

    Hand it to the `Zygote` that it is to become, or ``close`` it.
    """

    def __init__(
        self, flags: Mapping[str, str], preload: Sequence[str] = PRELOAD, bwrap: str | None = None
    ) -> None:
        """Start it, under bubblewrap when its path is given."""
        self.kind = (dict(flags), tuple(preload), bwrap)
        ours, theirs = socket.socketpair()
        with theirs:
            fd = theirs.fileno()
            # The number of this process is there for whoever looks at a list of processes: whose zygote is it?
            command = [sys.executable, "-s", "-P", "-B", str(PROGRAM), str(fd), str(os.getpid())]
            if bwrap is not None:
                command = bubblewrap_argv(bwrap, (*readable_paths(), *own_paths()), command)
            self.process = subprocess.Popen(
                command,
                pass_fds=(fd,),
                env=clean_environment(flags),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        self.control = ours
        with contextlib.suppress(OSError):  # whoever starts it hears what is wrong
            wanted = {"kind": "import", "preload": list(preload), "try_flags": not are_known(flags)}
            ours.sendall(wire.pack(wanted))

    def close(self) -> None:
        """End it, whatever it is at."""
        self.control.close()
        try:
            self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()


class Zygote:
    """One exec'd zygote process. Use from one thread at a time; ``close`` (or the judge's death) ends it.

    The thread that launches it must outlive it where it runs under bubblewrap, which dies with that thread.
    """

    def __init__(
        self,
        launched: Launched,
        *,
        entries: Mapping[str, bytes] | None = None,
        warm: WarmStart | None = None,
    ) -> None:
        """Make it one, with compiled programs and with a warm-up.

        It is of use once `wait` has returned. Raises SandboxError with what it printed.
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
        """Wait until it has imported and prepared everything. Raises SandboxError with what it printed."""
        while not self._look(max(self._deadline - time.monotonic(), 0.0)):
            continue

    @property
    def ready(self) -> bool:
        """Whether `wait` would return at once. Raises SandboxError when it never will."""
        return self._look(0.0)

    @property
    def environment(self) -> dict[str, str]:
        """Versions and flags of the place where submissions run."""
        self.wait()
        assert self._ready is not None
        return dict(self._ready.header["environment"])

    @property
    def refused(self) -> str:
        """Why the warm-up failed, so that this zygote must not be used; empty when it did not."""
        return str(self._warm_facts().get("refused", ""))

    @property
    def brought(self) -> list[list[int]]:
        """Of each step of the warm-up, how many operations each call brought that were not in memory before."""
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
        """Ask for a child with these descriptors (channel, keeper, output). Raises SandboxError when it is gone."""
        self.children += 1
        try:
            # one message, so that two threads may spawn at once
            socket.send_fds(self._control, [wire.pack({"kind": "spawn", **request})], list(fds))
        except OSError as error:
            raise SandboxError(
                f"the zygote is gone: {self._last_words() or error} ({deaths.here()})"
            ) from None

    def printed(self) -> str:
        """The last lines that it and its keepers have printed since this was asked; it goes on."""
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
        """Take in what has come, waiting at most so long for more. True once it is ready."""
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
        """The last lines that it printed before it died."""
        self._process.kill()
        _, err = self._process.communicate()
        return deaths.last_lines((err or b"").decode("utf-8", "replace"))
