"""The process that imports everything once and forks a child for every submission.

Theory of operation. The judge execs this file with a clean environment, one control socket and nothing else. It
imports the modules that the frame ``import`` names - jax, flax and optax - while the judge reads its own files, gets
compiled programs with the frame ``start``, reports versions, then waits. It has no backend, as threads do not survive
a fork; only the zygote of the warm lane has one, under the conditions of `judge.inside.warmup.prepare`. For each
``spawn`` it receives three descriptors and forks a *keeper*, which forks the process *inside*:

    zygote --fork--> keeper --fork--> inside (confined; runs learner code)

The keeper stays outside of the confinement. It enforces memory and thread limits, reports to the judge over its own
socket how the inside process ended, and kills it when the judge goes away. The inside process has the channel and the
output pipe, and no other descriptor. Each of the three dies with its parent.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import platform
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

GC_THRESHOLDS = (20_000, 50, 50)
"""jax makes many small objects and few cycles; collecting them less often saves a seventh of an eager call."""

LOOK_S = 0.2
PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])


def main(control_fd: int) -> None:
    """Serve the judge at the other end of ``control_fd`` until it goes away."""
    control = socket.socket(fileno=control_fd)
    reader = wire.FrameReader(wire.Caps(header_bytes=1 << 24, body_bytes=1 << 28))
    frames: list[wire.Frame] = []
    fds: list[int] = []

    def receive() -> wire.Frame | None:
        while not frames:
            data, received, _flags, _address = socket.recv_fds(control, 1 << 16, 8)
            fds.extend(received)
            if not data:
                return None
            frames.extend(reader.feed(data))
        return frames.pop(0)

    wanted = receive()
    if wanted is None:
        return
    gc.disable()  # imported objects stay: collecting them repeatedly takes a fifth of the import time
    with leaving_with(control):
        for name in wanted.header["preload"]:
            importlib.import_module(name)
        # before anything asks XLA for a backend
        tries = wanted.header["preload"] and wanted.header["try_flags"]
        unknown_flags = xla_flags.drop_unknown() if tries else []
    start = receive()
    if start is None:
        return
    with leaving_with(control):
        facts = prepare(start, fds.pop() if fds else None, unknown_flags)
    del start
    gc.enable()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps keepers as they end
    control.sendall(wire.pack({"kind": "ready", **facts}))
    while (frame := receive()) is not None:
        channel_fd, keeper_fd, output_fd = fds[:3]
        del fds[:3]
        _spawn(frame.header, control, channel_fd, keeper_fd, output_fd)
        for fd in (channel_fd, keeper_fd, output_fd):
            os.close(fd)


@contextlib.contextmanager
def leaving_with(control: socket.socket) -> Iterator[None]:
    """Exit soon after the judge has gone, even while the block is busy and does not read the control socket.

    The parent-death signal cannot be used: it is sent when the thread that forked ends, which may be earlier.
    """

    def look(number: int, frame: object) -> None:
        with contextlib.suppress(BlockingIOError, InterruptedError):
            if not control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                os._exit(1)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, LOOK_S, LOOK_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def prepare(start: wire.Frame, program_fd: int | None, unknown_flags: Sequence[str]) -> dict[str, Any]:
    """Warm up, install the probes, and return the versions and settings of this environment."""
    if not start.header["preload"]:
        # only the isolation is tested
        return {"environment": {"python": platform.python_version()}, "warm": None}
    import importlib.metadata

    import flax
    import jax
    import numpy
    import optax

    warms_up = "warm" in start.header
    if warms_up:
        gc.enable()  # programs are run, and leave garbage
    prepared = warmup.prepare(start, program_fd, unknown_flags)
    install.install(worker.RECORDER)
    if warms_up:
        gc.collect()
    gc.freeze()  # with the little garbage of the imports: collecting it would take 0.1 s
    gc.set_threshold(*GC_THRESHOLDS)
    environment = {
        "python": platform.python_version(),
        "jax": jax.__version__,
        "jaxlib": importlib.metadata.version("jaxlib"),
        "flax": flax.__version__,
        "optax": optax.__version__,
        "numpy": numpy.__version__,
        "platform": f"{platform.system().lower()}-{platform.machine()}",
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
        "x64": str(jax.config.jax_enable_x64).lower(),
    }
    return {"environment": environment, **prepared}


def _spawn(request: Any, control: socket.socket, channel_fd: int, keeper_fd: int, output_fd: int) -> None:
    if process_io.fork():
        return
    # From here on this is the keeper; it must never return into the zygote's loop.
    status = 1
    try:
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        status = keeper.keep(request, channel_fd, keeper_fd, output_fd)
    finally:
        os._exit(status)


if __name__ == "__main__":
    sys.path.insert(0, PACKAGE_ROOT)
    from judge import wire
    from judge.inside import keeper, process_io, worker, xla_flags
    from judge.inside.probes import install
    from judge.inside.warmup import prepare as warmup

    sys.path.remove(PACKAGE_ROOT)
    main(int(sys.argv[1]))
    os._exit(0)  # an orderly shutdown of jax takes 0.1 s, for which the judge would wait
