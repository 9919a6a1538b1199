"""How long a process waited for a processor that others had: time that is not its own doing.

Theory of operation.  The kernel counts for each thread how long it ran and how long it was ready to run and had no
processor (``/proc/PID/task/TID/schedstat``).  The second figure alone proves nothing: 100 threads that spin on one
processor wait for each other most of the time.  But while a thread waits for a processor, somebody runs there: another
thread of its own process, whose processor time is known, or somebody else.  So for each thread

    waited for others  >=  its waiting  -  the processor time of all other threads of its process

and the largest of these is never more than what others really took.  A process on an idle machine gains nothing by
starting threads, whatever they do; one with a single busy thread is credited all that it waited.  A thread that sleeps
or is stopped waits for no processor.  Threads that have ended still count in the processor time, which is the
process's, so that they can only lower the figure.
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
    """What the kernel says of one thread, in ns."""

    ran: int = 0
    waited: int = 0


@dataclass(frozen=True)
class Times:
    """What the kernel says of a process at one moment; ``ran`` includes threads that have ended."""

    ran: int
    threads: Mapping[int, ThreadTimes]


NOTHING = Times(0, {})
UNKNOWN = 1 << 62
"""More than any process can have run: as a later time it makes all waiting its own."""


def read_before(pid: int) -> Times:
    """The times to compare later ones with."""
    ran = _process_time(pid)  # read first here and last below: in doubt time is its own
    return Times(ran, _threads(pid))


def read_after(pid: int) -> Times:
    """The times to compare with earlier ones."""
    threads = _threads(pid)
    return Times(_process_time(pid), threads)


def waited_for_others_s(before: Times, after: Times) -> float:
    """How long, between the two, the process had no processor because others had it; at most what is true."""
    ran = after.ran - before.ran
    most = 0
    for number, now in after.threads.items():
        then = before.threads.get(number, ThreadTimes())
        if now.ran < then.ran or now.waited < then.waited:
            then = ThreadTimes()  # the number belongs to another thread by now
        others_of_its_own = ran - (now.ran - then.ran)
        most = max(most, now.waited - then.waited - max(others_of_its_own, 0))
    return most / 1e9


def _process_time(pid: int) -> int:
    try:
        return time.clock_gettime_ns((~pid << 3) | CPU_CLOCK_OF_PROCESS)
    except OSError:
        return UNKNOWN


def _threads(pid: int) -> dict[int, ThreadTimes]:
    """Empty where the kernel does not count, and for a process that is gone: then nothing is credited."""
    found = {}
    try:
        for name in os.listdir(f"/proc/{pid}/task"):
            try:
                ran, waited, _ = Path(f"/proc/{pid}/task/{name}/schedstat").read_bytes().split()
            except (OSError, ValueError):
                continue  # it ended meanwhile
            found[int(name)] = ThreadTimes(int(ran), int(waited))
    except OSError:
        return {}
    return found
