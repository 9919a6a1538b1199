"""The time that a process waited for others is never more than what others really took."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from judge.inside import run_delay
from judge.inside.run_delay import ThreadTimes, Times

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/schedstat").exists(), reason="this kernel does not count how long threads wait"
)
SECOND = 1_000_000_000
SPIN = "for _ in iter(int, 1): pass"
SPINNING_THREADS = """
import hashlib, threading, time
data = bytes(10_000_000)
def spin():
    while True: hashlib.sha256(data)  # without the interpreter's lock
for _ in range(20): threading.Thread(target=spin, daemon=True).start()
time.sleep(1000)
"""
BURSTS = """
import hashlib, threading, time
data = bytes(100_000)
def bursts(barrier):
    while True:
        barrier.wait()
        hashlib.sha256(data)
barrier = threading.Barrier(40)
for _ in range(40): threading.Thread(target=bursts, args=(barrier,), daemon=True).start()
time.sleep(1000)
"""


def waited(before: Times, after: Times) -> float:
    return run_delay.waited_for_others_s(before, after)


def threads(*pairs: tuple[int, int]) -> dict[int, ThreadTimes]:
    return {n: ThreadTimes(ran * SECOND, wait * SECOND) for n, (ran, wait) in enumerate(pairs, 100)}


def test_what_one_busy_thread_waited_counts() -> None:
    before, after = Times(2 * SECOND, threads((2, 1))), Times(5 * SECOND, threads((5, 9)))
    assert waited(before, after) == 8.0
    assert waited(run_delay.NOTHING, after) == 9.0


def test_threads_that_wait_for_each_other_waited_for_nobody() -> None:
    """Three on one processor for 30 s: each ran for 10 s, and waited for 20 s while the others ran."""
    assert waited(run_delay.NOTHING, Times(30 * SECOND, threads((10, 20), (10, 20), (10, 20)))) == 0.0


def test_threads_that_have_ended_only_lower_it() -> None:
    """The last one waited for 20 s; 15 s of these a thread ran that is gone, which only the process's time shows."""
    assert waited(run_delay.NOTHING, Times(16 * SECOND, threads((1, 20)))) == 5.0


def test_a_number_that_another_thread_has_by_now() -> None:
    before, after = Times(9 * SECOND, threads((9, 50))), Times(10 * SECOND, threads((1, 3)))
    assert waited(before, after) == 3.0


def test_without_the_processor_time_of_the_process_nothing_is_credited() -> None:
    assert waited(run_delay.NOTHING, Times(run_delay.UNKNOWN, threads((1, 20)))) == 0.0


@contextmanager
def processes(*programs: str) -> Iterator[list[int]]:
    """All of them on one processor."""
    one = min(os.sched_getaffinity(0))
    command = f"import os, sys; os.sched_setaffinity(0, {{{one}}}); exec(sys.argv[1])"
    started = [subprocess.Popen([sys.executable, "-c", command, program]) for program in programs]
    try:
        time.sleep(1.0)
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()


def hold(pid: int) -> None:
    """Stop a process, and wait until each of its threads has stopped."""
    os.kill(pid, signal.SIGSTOP)
    for task in Path(f"/proc/{pid}/task").iterdir():
        while (task / "stat").read_text().rpartition(")")[2].split()[0] != "T":
            time.sleep(0.01)


@pytest.mark.parametrize(
    "program",
    [
        SPIN,
        SPINNING_THREADS,
        pytest.param(BURSTS, marks=pytest.mark.long),
        pytest.param("import time; time.sleep(1000)", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("others", [pytest.param(0, marks=pytest.mark.long), 3])
def test_what_a_process_did_and_waited_is_never_more_than_the_time_that_went_by(
    program: str, others: int
) -> None:
    with processes(program, *[SPIN] * others) as (pid, *_):
        hold(pid)  # as at the beginning of a step: what waits already would be counted when it runs next
        start = time.monotonic()
        before = run_delay.read_before(pid)
        os.kill(pid, signal.SIGCONT)
        time.sleep(1.0)
        after = run_delay.read_after(pid)
        went_by = time.monotonic() - start
    ran = (after.ran - before.ran) / SECOND
    assert waited(before, after) + ran <= went_by * 1.05 + 0.05
    if program == SPIN and others:
        assert waited(before, after) >= 0.5 * (went_by - ran)
    if "sleep(1000)" in program and "Thread" not in program:
        assert waited(before, after) < 0.2
    if program == SPINNING_THREADS:  # the kernel's figure alone would credit its own threads' time, too
        naive = max(now.waited - before.threads.get(n, now).waited for n, now in after.threads.items())
        assert ran > 0
        assert naive / SECOND - waited(before, after) > 0.8 * ran
