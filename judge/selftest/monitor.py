"""Looking on while an attack runs: the submission's processes as the host sees them, several times in a second.

Theory of operation.  The processes of a submission are those below a keeper, and keepers are the children of a zygote,
which is known by its command line.  Whatever leaves that tree still carries the marker of the sandbox in its
environment, or the zygote's command line.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType

SAMPLE_S = 0.01
HARMLESS_DESCRIPTORS = (
    "pipe:",
    "socket:",
    "/dev/null",
    "/dev/zero",
    "/dev/urandom",
    "anon_inode:[eventpoll]",
)
READABLE_FROM = ("/usr/", "/lib", "/etc/", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")


@dataclass
class Seen:
    """The most that was there at once, and what should not have been there at all."""

    memory_mib: float = 0.0
    tasks: int = 0
    processes: int = 0
    processors: int = 0
    descriptors: set[str] = field(default_factory=set)
    programs: set[str] = field(default_factory=set)
    samples: int = 0


class Monitor:
    """Use as a context manager around one attack; ``seen`` afterwards."""

    def __init__(self, readable: tuple[str, ...]) -> None:
        self.seen = Seen()
        self._readable = (*READABLE_FROM, *readable)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Monitor:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_S):
            self._sample()

    def _sample(self) -> None:
        memory, tasks, count = 0.0, 0, 0
        for pid in submission_processes():
            status = status_of(pid)
            if not status:
                continue
            count += 1
            memory += _kib(status, "VmRSS") / 1024
            tasks += int(status.get("Threads", "1"))
            self.seen.processors = max(self.seen.processors, _count(status.get("Cpus_allowed_list", "")))
            self._look_at(pid)
        self.seen.samples += 1
        self.seen.memory_mib = max(self.seen.memory_mib, memory)
        self.seen.tasks = max(self.seen.tasks, tasks)
        self.seen.processes = max(self.seen.processes, count)

    def _look_at(self, pid: int) -> None:
        """Its descriptors and program; only root may see those of a process that is not dumpable."""
        with contextlib.suppress(OSError):
            self.seen.programs.add(os.path.basename(os.readlink(f"/proc/{pid}/exe")))
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    target = os.readlink(f"/proc/{pid}/fd/{name}")
                    if not target.startswith((*HARMLESS_DESCRIPTORS, *self._readable)):
                        self.seen.descriptors.add(target)


# ------------------------------------------------------------------------------------------------ processes


def submission_processes() -> Iterator[int]:
    """Process ids of everything below this process's keepers, keepers not included."""
    for zygote in _zygotes(os.getpid()):
        for keeper in children_of(zygote):
            yield from _below(keeper)


def keepers() -> list[int]:
    return [keeper for zygote in _zygotes(os.getpid()) for keeper in children_of(zygote)]


def survivors(marker: str, wait_s: float = 1.0) -> dict[int, str]:
    """What is still running after ``wait_s`` although its submission has its verdict: pid and command line."""
    deadline = time.monotonic() + wait_s
    while True:
        found = _running_on(marker)
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.02)


def end(pids: Iterable[int]) -> None:
    """Kill what an attack has left; only for processes that `survivors` named."""
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def _running_on(marker: str) -> dict[int, str]:
    zygotes = set(_zygotes(os.getpid()))
    expected = zygotes | {above for zygote in zygotes for above in _between(zygote)}
    commands = {_read(f"/proc/{zygote}/cmdline") for zygote in zygotes}
    own = {*submission_processes(), *keepers()}
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) in expected or _state(int(name)) in ("Z", "X", ""):
            continue
        pid, command = int(name), _read(f"/proc/{name}/cmdline")
        # The environment of a process that is not dumpable can be read by root only; its command line by everybody.
        marked = marker.encode() in _read(f"/proc/{name}/environ")
        orphan = command in commands and parent_of(pid) == 1
        if pid in own or marked or orphan:
            found[pid] = command.replace(b"\0", b" ").decode("utf-8", "replace")[:120]
    return found


def _between(zygote: int) -> Iterator[int]:
    """What stands between a zygote and this process: bubblewrap, or nothing."""
    parent = parent_of(zygote)
    while parent > 1 and parent != os.getpid():
        yield parent
        parent = parent_of(parent)


def _zygotes(pid: int) -> Iterator[int]:
    for child in children_of(pid):
        if _is_zygote(_read(f"/proc/{child}/cmdline")):
            yield child
        else:
            yield from _zygotes(child)


def _is_zygote(command: bytes) -> bool:
    words = command.split(b"\0")
    return any(word.endswith(b"inside/zygote.py") for word in words) and not words[0].endswith(b"bwrap")


def _below(pid: int) -> Iterator[int]:
    for child in children_of(pid):
        yield child
        yield from _below(child)


def children_of(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            found += map(int, _read(f"/proc/{pid}/task/{thread}/children").split())
    return found


def parent_of(pid: int) -> int:
    return int(status_of(pid).get("PPid", "0"))


def status_of(pid: int) -> dict[str, str]:
    """The fields of /proc/PID/status; empty when the process is gone."""
    lines = _read(f"/proc/{pid}/status").decode("utf-8", "replace").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def _state(pid: int) -> str:
    return status_of(pid).get("State", "")[:1]


def _kib(status: dict[str, str], name: str) -> float:
    return float(status.get(name, "0 kB").split()[0])


def _count(processors: str) -> int:
    """How many processors a list such as ``0-3,8`` names."""
    total = 0
    for part in processors.strip().split(","):
        first, _, last = part.partition("-")
        if first.isdigit():
            total += int(last or first) - int(first) + 1
    return total


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
