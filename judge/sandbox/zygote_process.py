"""Starting the process of a zygote, which takes a second; so this module imports little, and can be used early."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

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


def clean_environment(flags: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a zygote: nothing of the judge's own environment is inherited."""
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
    """Return what the zygote must read besides the libraries: the interpreter, and this package's untrusted side."""
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


class ZygoteProcess:
    """The process of a future zygote, which imports what submissions import while the judge reads its own files.

    Pass it to its `Zygote`, or ``close`` it.
    """

    def __init__(
        self, flags: Mapping[str, str], preload: Sequence[str] = PRELOAD, bwrap: str | None = None
    ) -> None:
        """Start it, under bubblewrap when its path is given."""
        self.kind = (dict(flags), tuple(preload), bwrap)
        ours, theirs = socket.socketpair()
        with theirs:
            fd = theirs.fileno()
            # The judge's pid is for readers of a process list: it shows whose zygote this is.
            command = [sys.executable, "-s", "-P", "-B", str(PROGRAM), str(fd), str(os.getpid())]
            if bwrap is not None:
                command = _under(bwrap, command)
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
        from judge import wire  # imported while the process starts, so they cost no time
        from judge.sandbox.flags import are_known

        with contextlib.suppress(OSError):  # the Zygote that takes it over reports the error
            wanted = {"kind": "import", "preload": list(preload), "try_flags": not are_known(flags)}
            ours.sendall(wire.pack(wanted))

    def close(self) -> None:
        """End it, in any state."""
        self.control.close()
        try:
            self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()


def _under(bwrap: str, command: Sequence[str]) -> list[str]:
    from judge.inside.confinement.bubblewrap import bubblewrap_argv
    from judge.sandbox.readable_paths import LIBRARY_DIRECTORIES, readable_paths

    # Unresolved: the kernel looks for the dynamic loader at /lib64, which may be a link.
    libraries = [path for path in LIBRARY_DIRECTORIES if os.path.exists(path)]
    return bubblewrap_argv(bwrap, (*readable_paths(), *own_paths(), *libraries), command)
