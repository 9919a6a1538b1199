"""Monitoring during an attack: the submission's processes as the host sees them, sampled many times a second.

Theory of operation. The processes of a submission are those below a keeper, and keepers are the children of a zygote,
which is recognised by its command line. A process that leaves that tree still carries the marker of the sandbox in
its environment, or the zygote's command line.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from judge.closing import Closing

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


LASTING_S = 0.1
"""Observations of a shorter time belong to the set-up of a process, or to a task that a limit has just ended."""


class Durations:
    """The longest time without interruption for which a sampled number reached each height."""

    def __init__(self, step: int = 1) -> None:
        """``step``: heights in between are rounded down to a multiple of it."""
        self._step = step
        self._since: dict[int, float] = {}
        self._lasted: dict[int, float] = {}

    def look(self, height: float, now: float) -> None:
        top = int(height // self._step)
        for level in range(1, top + 1):
            first = self._since.setdefault(level, now)
            self._lasted[level] = max(self._lasted.get(level, 0.0), now - first)
        for level in [level for level in self._since if level > top]:
            del self._since[level]

    def for_at_least(self, seconds: float) -> int:
        """Return the largest height that lasted this long."""
        return self._step * max(
            (level for level, lasted in self._lasted.items() if lasted >= seconds), default=0
        )


@dataclass
class Seen:
    """Observations of the submission's processes, with their first and last times."""

    memory_mib: float = 0.0
    """The most that was resident at once."""
    memory: Durations = field(default_factory=lambda: Durations(step=16))
    """Resident, in MiB."""
    tasks: Durations = field(default_factory=Durations)
    """Threads and processes."""
    spans: dict[tuple[int, str, str], tuple[float, float]] = field(default_factory=dict)
    """Facts as process, kind and value, with the times at which they were first and last seen."""
    samples: int = 0

    def lasting(self, kind: str) -> list[str]:
        """Return the values of this kind that lasted."""
        return sorted({value for _, value in self._lasting(kind)})

    def changes(self, kind: str) -> list[list[str]]:
        """Return the values of each process that had more than one, each of which lasted."""
        by_process: dict[int, list[str]] = {}
        for pid, value in self._lasting(kind):
            by_process.setdefault(pid, []).append(value)
        return [values for values in by_process.values() if len(values) > 1]

    def _lasting(self, kind: str) -> list[tuple[int, str]]:
        return [
            (pid, value)
            for (pid, name, value), (first, last) in self.spans.items()
            if name == kind and last - first >= LASTING_S
        ]


class Monitor(Closing):
    """Samples processes during one attack. Use as a context manager; the result is ``seen``."""

    def __init__(self, readable: tuple[str, ...], *, confined: bool) -> None:
        """``confined``: a process is inspected closely only once a filter binds it, which comes last."""
        self.seen = Seen()
        self._confined = confined
        self._readable = (*READABLE_FROM, *readable)
        self._filters = _filters_in(status_of(os.getpid()))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _begin(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_S):
            self._sample()

    def _sample(self) -> None:
        now, memory, tasks, processes = time.monotonic(), 0.0, 0, 0
        for pid in submission_processes():
            status = status_of(pid)
            if not status:
                continue
            processes += 1
            memory += _resident_mib(pid, status)
            tasks += int(status.get("Threads", "1"))
            self._look_at(pid, status, now)
        if processes > 1:
            self._note(0, "siblings", f"{processes} processes", now)
        self.seen.tasks.look(tasks, now)
        self.seen.memory.look(memory, now)
        self.seen.samples += 1
        self.seen.memory_mib = max(self.seen.memory_mib, memory)

    def _look_at(self, pid: int, status: dict[str, str], now: float) -> None:
        """Record a process's permissions and descriptors; only root sees all of a process that is not dumpable."""
        filters = _filters_in(status)
        if self._confined and filters <= self._filters:
            return
        if _count(processors := status.get("Cpus_allowed_list", "")) > 1:
            self._note(pid, "processors", processors.strip(), now)
        self._note(pid, "ids", " ".join(status.get("Uid", "").split()), now)
        self._note(pid, "filters", str(filters), now)
        with contextlib.suppress(OSError, AttributeError):  # not available everywhere
            self._note(pid, "scheduling", f"{os.sched_getscheduler(pid)}", now)
        for name in ("exe", "root", "ns/mnt", "ns/user", "ns/net"):
            with contextlib.suppress(OSError):
                self._note(pid, name, os.readlink(f"/proc/{pid}/{name}"), now)
        with contextlib.suppress(OSError):
            names = os.listdir(f"/proc/{pid}/fd")
            if len(names) > 200:
                self._note(pid, "descriptor", "more than 200 at once", now)
            for name in names[:200]:
                with contextlib.suppress(OSError):
                    target = os.readlink(f"/proc/{pid}/fd/{name}")
                    if not target.startswith((*HARMLESS_DESCRIPTORS, *self._readable)):
                        self._note(pid, "descriptor", target, now)

    def _note(self, pid: int, kind: str, value: str, now: float) -> None:
        first, _ = self.seen.spans.get((pid, kind, value), (now, now))
        self.seen.spans[pid, kind, value] = (first, now)


# ------------------------------------------------------------------------------------------------ processes


def submission_processes() -> Iterator[int]:
    """Yield the process ids of everything below this process's keepers, keepers not included."""
    for zygote in _zygotes(os.getpid()):
        for keeper in children_of(zygote):
            yield from _below(keeper)


def keepers() -> list[int]:
    return [keeper for zygote in _zygotes(os.getpid()) for keeper in children_of(zygote)]


def survivors(marker: str, wait_s: float = 1.0) -> dict[int, str]:
    """Return pid and command line of processes that still run ``wait_s`` after the verdict."""
    deadline = time.monotonic() + wait_s
    while True:
        found = _running_on(marker)
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.02)


def end(pids: Iterable[int]) -> None:
    """Kill what an attack has left; only for processes that `survivors` returned."""
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
        # The environment of a process that is not dumpable can be read by root only, its command line by every user.
        # The command line names the judge, so processes of another judge on this machine are not taken for orphans.
        marked = marker.encode() in _read(f"/proc/{name}/environ")
        orphan = command in commands and parent_of(pid) == 1
        if pid in own or marked or orphan:
            found[pid] = command.replace(b"\0", b" ").decode("utf-8", "replace")[:120]
    return found


def _between(zygote: int) -> Iterator[int]:
    """Yield the processes between a zygote and this one: bubblewrap, or none."""
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


def status_of(pid: int | str) -> dict[str, str]:
    """Return the fields of /proc/PID/status; empty when the process is gone."""
    lines = _read(f"/proc/{pid}/status").decode("utf-8", "replace").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def _state(pid: int) -> str:
    return status_of(pid).get("State", "")[:1]


def _resident_mib(pid: int, status: dict[str, str]) -> float:
    """Include page tables, and read a thread of a process whose main thread has ended, which shows none itself."""
    if "VmRSS" not in status:
        for thread in _names(f"/proc/{pid}/task"):
            status = status_of(f"{pid}/task/{thread}")
            if "VmRSS" in status:
                break
    return sum(float(status.get(name, "0 kB").split()[0]) for name in ("VmRSS", "VmPTE")) / 1024


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _filters_in(status: dict[str, str]) -> int:
    """Return the number of system call filters that bind a process."""
    return int(status.get("Seccomp_filters", "0"))


def _count(processors: str) -> int:
    """Return the number of processors in a list such as ``0-3,8``."""
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


class PeakMemory(Closing):
    """``grown_mib``: the rise of the resident memory from the beginning to its peak."""

    grown_mib = 0.0

    def _begin(self) -> None:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # resets the peak
        self._before_mib = _field("VmRSS")

    def close(self) -> None:
        self.grown_mib = _field("VmHWM") - self._before_mib


def _field(name: str) -> float:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
    return 0.0
