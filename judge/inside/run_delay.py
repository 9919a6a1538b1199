"""The time that a process waited for a processor while others had it, which is not charged to it.

Theory of operation. For each thread the kernel counts the time that it ran, and the time that it was ready to run but
had no processor (``/proc/PID/task/TID/schedstat``). The second figure alone proves nothing: 100 threads that spin on
one processor wait for each other most of the time. But while a thread waits for a processor, another thread runs
there: either one of its own process, whose processor time is known, or one of another process. So for each thread

    waited for others  >=  its waiting  -  the processor time of all other threads of its process

and the largest of these is never more than the time that others really took. A process on an idle machine gains
nothing by starting threads, whatever they do; one with a single busy thread is credited with all its waiting. A
thread that sleeps or is stopped does not wait for a processor. Threads that have ended still count in the processor
time, which is the process's, so they can only lower the figure.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CPU_CLOCK_OF_PROCESS = 2
"""CPUCLOCK_SCHED, in the kernel's numbering of the clocks of another process."""


@dataclass(frozen=True)
class ThreadTimes:
    """The kernel's counts for one thread, in ns."""

    ran: int = 0
    waited: int = 0


@dataclass(frozen=True)
class Times:
    """The kernel's counts for a process at one moment, in ns; ``ran`` includes threads that have ended."""

    ran: int
    threads: Mapping[int, ThreadTimes]


NOTHING = Times(0, {})
UNKNOWN = 1 << 62
"""More than any process can have run: as a later time, it charges all waiting to the process."""


def read_before(pid: int) -> Times:
    """Read the times that later ones are compared with."""
    ran = _process_time(pid)  # first here, last in read_after: in doubt time is charged to the process
    return Times(ran, _threads(pid))


def read_after(pid: int) -> Times:
    """Read the times to compare with earlier ones."""
    threads = _threads(pid)
    return Times(_process_time(pid), threads)


def waited_for_others_s(before: Times, after: Times) -> float:
    """Return how long the process had no processor between the two because others had it.

    A lower bound, in seconds.
    """
    ran = after.ran - before.ran
    most = 0
    for number, now in after.threads.items():
        then = before.threads.get(number, ThreadTimes())
        if now.ran < then.ran or now.waited < then.waited:
            then = ThreadTimes()  # the kernel has given the number to another thread
        others_of_its_own = ran - (now.ran - then.ran)
        most = max(most, now.waited - then.waited - max(others_of_its_own, 0))
    return most / 1e9


def _process_time(pid: int) -> int:
    try:
        return time.clock_gettime_ns((~pid << 3) | CPU_CLOCK_OF_PROCESS)
    except OSError:
        return UNKNOWN


def _threads(pid: int) -> dict[int, ThreadTimes]:
    """Return the times by thread; empty, crediting nothing, without kernel counts or when the process is gone."""
    found = {}
    try:
        for name in os.listdir(f"/proc/{pid}/task"):
            try:
                ran, waited, _ = Path(f"/proc/{pid}/task/{name}/schedstat").read_bytes().split()
            except (OSError, ValueError):
                continue  # it has ended
            found[int(name)] = ThreadTimes(int(ran), int(waited))
    except OSError:
        return {}
    return found
