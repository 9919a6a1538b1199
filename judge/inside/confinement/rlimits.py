"""Resource limits: the bounds that the kernel itself enforces, whatever the watchdog sees.

RLIMIT_DATA bounds writable private memory, and the filter denies every mapping that would not count there. RLIMIT_AS
is far above it, because jax reserves much more than it touches; it bounds page tables, which no other limit counts:
1/512 of the mapped memory.
"""

from __future__ import annotations

import math
import os
import resource
from dataclasses import dataclass
from pathlib import Path

from judge.inside.confinement import syscalls

MIB = 1 << 20
STACK_MIB = 8
ADDRESS_SPACE_SPARE_MIB = 16 * 1024
ARENA_MIB = 128
"""Address space, not memory, that glibc's allocator may reserve for a thread."""
SHARED_UID_SPARE_TASKS = 512
THREADS_FIELD = 17
"""In /proc/PID/stat, counted from after the name."""
SPARE_TASKS = 16
"""The kernel's bound is this much above the wanted one, so that the keeper can see it broken and report that."""
PENDING_SIGNALS = 256
MIN_MEMORY_MIB = 448
"""With less data than this jax hangs instead of failing."""


@dataclass(frozen=True)
class ProcessBound:
    """The bound on the number of tasks (threads and processes) of one submission."""

    by: str
    """``rlimit``: the kernel refuses the next one. ``watchdog``: the keeper must count and kill."""
    tasks: int
    """RLIMIT_NPROC, or 0 when the kernel ignores it."""
    text: str


def process_bound(threads: int, *, own_namespace: bool, own_uid: bool) -> ProcessBound:
    """Return the bound that holds for a submission that may have ``threads`` tasks."""
    if own_uid or (own_namespace and not _is_root()):
        where = "in a user namespace of its own" if own_namespace else "for a uid of its own"
        tasks = threads + SPARE_TASKS
        return ProcessBound("rlimit", tasks, f"RLIMIT_NPROC allows {tasks} tasks {where}")
    if _is_root():
        text = f"the kernel ignores RLIMIT_NPROC for uid 0; the keeper kills at more than {threads} tasks"
        return ProcessBound("watchdog", 0, text)
    tasks = tasks_of_this_user() + threads + SHARED_UID_SPARE_TASKS
    text = (
        f"the uid is shared with other processes, so RLIMIT_NPROC is set {threads} + {SHARED_UID_SPARE_TASKS} above "
        f"their number; the keeper kills at more than {threads} tasks"
    )
    return ProcessBound("watchdog", tasks, text)


def _is_root() -> bool:
    """True when this process may be uid 0 of the machine, seen through one user namespace at most."""
    try:
        rows = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    except OSError:
        return os.getuid() == 0
    inner = os.getuid()
    return any(int(a) <= inner < int(a) + int(n) and int(b) + inner - int(a) == 0 for a, b, n in rows)


def tasks_of_this_user() -> int:
    """Return the number of threads of the visible processes of this user.

    Processes that made themselves undumpable, like other submissions, belong to root in /proc and are not counted;
    the spare tasks are for them. Owners are checked before reading because a server runs thousands of processes.
    """
    total, uid = 0, os.getuid()
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                if entry.stat(follow_symlinks=False).st_uid == uid:
                    fields = Path(entry.path, "stat").read_bytes().rpartition(b")")[2].split()
                    total += int(fields[THREADS_FIELD])
            except (OSError, IndexError, ValueError):
                continue  # it has ended
    return total


def apply(
    *,
    cpu_s: float,
    memory_mib: int,
    threads: int,
    open_files: int,
    bound: ProcessBound,
    first_of_namespace: bool,
) -> None:
    """Set all limits of this process, soft and hard. Raises OSError or ValueError."""
    cpu = max(1, math.ceil(cpu_s))
    stacks_mib = stacks_for(threads)
    data_mib = memory_mib + stacks_mib
    limits = {
        # SIGXCPU at the soft limit makes the process write where it is, and ends it. It does not end the first process
        # of a pid namespace, nor one with its own handler: there the hard limit must come in time.
        resource.RLIMIT_CPU: (max(cpu - 1, 1), cpu) if first_of_namespace else (cpu, cpu + 1),
        resource.RLIMIT_DATA: (data_mib * MIB, data_mib * MIB),
        resource.RLIMIT_AS: ((data_mib + threads * ARENA_MIB + ADDRESS_SPACE_SPARE_MIB) * MIB,) * 2,
        resource.RLIMIT_STACK: (_at_most(resource.RLIMIT_STACK, STACK_MIB * MIB),) * 2,
        resource.RLIMIT_NOFILE: (open_files, open_files),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_MEMLOCK: (0, 0),
    }
    if bound.tasks:
        limits[resource.RLIMIT_NPROC] = (bound.tasks, bound.tasks)
    for name, value in (
        ("RLIMIT_MSGQUEUE", 0),
        ("RLIMIT_RTPRIO", 0),
        ("RLIMIT_NICE", 0),
        ("RLIMIT_SIGPENDING", PENDING_SIGNALS),
    ):
        if hasattr(resource, name):
            limits[getattr(resource, name)] = (value, value)
    for kind, (soft, hard) in limits.items():
        syscalls.guarded("setrlimit")
        _, ceiling = resource.getrlimit(kind)
        if ceiling != resource.RLIM_INFINITY:  # an inherited limit may be lower, and only root can raise it
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(kind, (soft, hard))


def stacks_for(threads: int) -> int:
    """MiB of data that the stacks of all tasks may take on top of the memory limit."""
    return (threads + SPARE_TASKS) * STACK_MIB


def _at_most(kind: int, value: int) -> int:
    soft, _ = resource.getrlimit(kind)
    return value if soft == resource.RLIM_INFINITY else min(soft, value)
