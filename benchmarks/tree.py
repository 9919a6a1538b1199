"""Seconds and memory of a command with everything that it starts.

Theory of operation.  A process that nobody waits for leaves no account when it ends (keepers are such), so the tree is
looked at ``LOOKS_PER_S`` times a second and each process's last look counts.  What it used after that is missed: half
a look on average, some 0.02 s for each process.  Memory is the proportional set size where the system tells it, so
that pages which forked processes share are counted once.  Adding it up takes long, and a batch has all processors at
work: memory is looked at so seldom that it takes ``MEMORY_SHARE`` of the time.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

LOOKS_PER_S = 25
MEMORY_SHARE = 0.02
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spent:
    """What something took. Memory: the largest sums seen at a time, of all processes and by how deep they lie."""

    wall_s: float
    cpu_s: float
    memory_mib: float
    memory_by_depth_mib: tuple[float, ...] = ()
    """0 is the command itself, 1 what it started, and so on."""
    exit_status: int | None = None
    """None when it was ended for taking too long."""
    output: str = ""

    def each(self, count: int) -> Spent:
        """The share of one of ``count`` submissions; memory is that of all, since they need it at the same time."""
        return replace(self, wall_s=self.wall_s / count, cpu_s=self.cpu_s / count)


@dataclass
class Seen:
    """What a look at a tree has shown so far."""

    cpu_s: dict[tuple[int, int], float] = field(default_factory=dict)
    """By process id and start time, as ids are used again."""
    memory_mib: float = 0.0
    memory_by_depth_mib: list[float] = field(default_factory=list)

    @property
    def used_s(self) -> float:
        """CPU time of all processes, from their beginning."""
        return sum(self.cpu_s.values())


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    limit_s: float = 3600.0,
) -> Spent:
    """Run the command to its end, or kill it and all that it started after ``limit_s``."""
    start = time.monotonic()
    with (
        subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
        watching(process.pid) as seen,
    ):
        try:
            output, _ = process.communicate(timeout=limit_s)
            status: int | None = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            status = None
        wall_s = time.monotonic() - start
    return Spent(
        wall_s,
        seen.used_s,
        seen.memory_mib,
        tuple(seen.memory_by_depth_mib),
        status,
        output.decode("utf-8", "replace"),
    )


@contextlib.contextmanager
def watching(pid: int) -> Iterator[Seen]:
    """Look at the tree below ``pid`` while the block runs; what is yielded fills meanwhile."""
    seen, over = Seen(), threading.Event()

    def watch() -> None:
        memory_from = 0.0
        while not over.wait(1 / LOOKS_PER_S):
            start = time.monotonic()
            _look(pid, seen, with_memory=start >= memory_from)
            if start >= memory_from:
                end = time.monotonic()
                memory_from = end + (end - start) / MEMORY_SHARE

    thread = threading.Thread(target=watch, name="watching", daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _look(root: int, seen: Seen, *, with_memory: bool) -> None:
    by_depth: list[float] = []
    level = [root]
    while level:
        below: list[int] = []
        for pid in level:
            with contextlib.suppress(OSError, ValueError, IndexError):  # it has ended since
                fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
                seen.cpu_s[pid, int(fields[19])] = (int(fields[11]) + int(fields[12])) * TICK_S
                for thread in os.listdir(f"/proc/{pid}/task"):
                    below += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
        if with_memory:
            by_depth.append(sum(map(_memory_mib, level)))
        level = below
    if with_memory:
        seen.memory_mib = max(seen.memory_mib, sum(by_depth))
        before = seen.memory_by_depth_mib
        before += [0.0] * (len(by_depth) - len(before))
        before[: len(by_depth)] = map(max, by_depth, before)


def _memory_mib(pid: int) -> float:
    for file, label in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
                if line.startswith(label):
                    return int(line.split()[1]) / 1024
    return 0.0
