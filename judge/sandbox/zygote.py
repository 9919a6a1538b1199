"""Starting a zygote and asking it for children: the judge's end of the control socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from judge import wire
from judge.inside.bubblewrap import bubblewrap_argv
from judge.model import SandboxError
from judge.sandbox.readable import readable_paths

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

START_TIMEOUT_S = 120.0


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


class Zygote:
    """One exec'd zygote process. Use from one thread at a time; ``close`` (or the judge's death) ends it."""

    def __init__(self, flags: Mapping[str, str], preload: Sequence[str], bwrap: str | None = None) -> None:
        """Start it, under bubblewrap when its path is given, and wait until it has imported everything.

        Raises SandboxError with what it printed.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            fd = theirs.fileno()
            command = [sys.executable, "-s", "-P", "-B", str(PROGRAM), str(fd)]
            if bwrap is not None:
                command = bubblewrap_argv(bwrap, (*readable_paths(), *own_paths()), command)
            self._process = subprocess.Popen(
                command,
                pass_fds=(fd,),
                env=clean_environment(flags),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        self._control = ours
        self._reader = wire.FrameReader(wire.Caps())
        self.children = 0
        try:
            self._control.sendall(wire.pack({"kind": "start", "preload": list(preload)}))
            ready = self._receive(START_TIMEOUT_S)
        except (OSError, wire.FrameError, TimeoutError) as error:
            raise SandboxError(f"the zygote did not start: {self._last_words() or error}") from None
        self.environment: dict[str, str] = dict(ready.header["environment"])

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
            socket.send_fds(self._control, [wire.pack({"kind": "spawn", **request})], list(fds))
        except OSError as error:
            raise SandboxError(f"the zygote is gone: {self._last_words() or error}") from None

    def close(self) -> None:
        """End the zygote; its children die with it."""
        self._control.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def _receive(self, timeout_s: float) -> wire.Frame:
        deadline = time.monotonic() + timeout_s
        while True:
            self._control.settimeout(max(deadline - time.monotonic(), 0.001))
            data = self._control.recv(1 << 16)
            if not data:
                raise OSError("it closed its control socket")
            for frame in self._reader.feed(data):
                self._control.settimeout(None)
                return frame

    def _last_words(self) -> str:
        """What it printed before it died, last line first of all (the exception's text)."""
        self._process.kill()
        _, err = self._process.communicate()
        lines = [line for line in (err or b"").decode("utf-8", "replace").splitlines() if line.strip()]
        return " | ".join(lines[-3:])
