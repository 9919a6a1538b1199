"""What others do to a submission's process - take its processor, kill it - is not put down to the submission."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from judge.grade import observe as observe_all
from judge.model import Ended, KilledFromOutsideError, Limits, Observation, Verdict
from judge.observed import judge_observation
from judge.sandbox import Call, Sandbox, oom, session
from judge.selftest import process_monitor
from judge.selftest.target_exercise import LIMITS, make_target_exercise
from judge.submission import submission_of

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="confinement is for Linux")

BUSY = """
import hashlib, time
data = bytes(1_000_000)
def solve(seed, x_batch, y_batch, lr):
    until = time.process_time() + {cpu_s}
    while time.process_time() < until:
        hashlib.sha256(data)
    return [0.0, 0.0]
"""
IDLE = (
    "import time\ndef solve(seed, x_batch, y_batch, lr):\n    time.sleep({wall_s})\n    return [0.0, 0.0]\n"
)
LOAD = 5
"""Processes that spin on the submission's processor."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(LIMITS) as sandbox:
        _ = sandbox.environment, sandbox.isolation  # nothing but submissions runs from here on
        yield sandbox


@contextmanager
def busy(affinity: tuple[int, ...]) -> Iterator[None]:
    program = f"import os\nos.sched_setaffinity(0, {affinity})\nwhile True: pass"
    # Each in a session of its own: the kernel may share a processor out among sessions first.
    others = [subprocess.Popen([sys.executable, "-c", program], start_new_session=True) for _ in range(LOAD)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def observe(sandbox: Sandbox, source: str, limits: Limits, calls: int = 1) -> Observation:
    inputs = {"seed": 0, "x_batch": 0, "y_batch": 0, "lr": 0.5}
    return sandbox.observe(
        source.encode(), "solve", [Call(str(n), inputs) for n in range(calls)], limits=limits
    )


def test_waiting_for_a_processor_is_not_the_submissions_time(sandbox: Sandbox) -> None:
    limits = replace(LIMITS, wall_s=1.0, total_wall_s=4.0, cpu_s=20.0)
    with busy(sandbox.affinity):
        observation = observe(sandbox, BUSY.format(cpu_s=0.5), limits)
    measured = observation.cases["0"].measured
    assert measured.ended is Ended.ANSWERED, measured
    assert measured.wall_s > 2 * limits.wall_s, "else this shows nothing"
    assert measured.own_wall_s <= limits.wall_s
    assert observation.own_wall_s <= limits.total_wall_s


@pytest.mark.long
def test_nor_does_it_use_up_the_time_for_all_calls(sandbox: Sandbox) -> None:
    limits = replace(LIMITS, wall_s=1.5, total_wall_s=2.0, cpu_s=20.0)
    with busy(sandbox.affinity):
        observation = observe(sandbox, BUSY.format(cpu_s=0.25), limits, calls=3)
    steps = observation.cases.values()
    assert [step.measured.ended for step in steps] == [Ended.ANSWERED] * 3
    assert sum(step.measured.wall_s for step in steps) > limits.total_wall_s, "else this shows nothing"


@pytest.mark.parametrize(
    "source",
    [
        IDLE.format(wall_s=60),
        pytest.param(
            "import os, signal\ndef solve(*a):\n    os.kill(os.getpid(), signal.SIGSTOP)\n    signal.pause()\n",
            marks=pytest.mark.long,
        ),
        pytest.param(
            "import threading\ndef solve(*a):\n    threading.Lock().acquire(); threading.Event().wait()\n",
            marks=pytest.mark.long,
        ),
    ],
    ids=["sleeps", "stops itself", "waits"],
)
def test_who_sleeps_on_a_busy_machine_is_stopped_in_time(sandbox: Sandbox, source: str) -> None:
    limits = replace(LIMITS, wall_s=1.5, total_wall_s=1.5)
    with busy(sandbox.affinity):
        measured = observe(sandbox, source, limits).cases["0"].measured
    assert measured.ended is Ended.WALL_LIMIT
    assert measured.wall_s < 4.0


@pytest.mark.long
def test_who_needs_too_much_is_stopped_on_a_busy_machine_too(sandbox: Sandbox) -> None:
    limits = replace(LIMITS, wall_s=0.5, total_wall_s=2.0, cpu_s=20.0)
    with busy(sandbox.affinity):
        measured = observe(sandbox, BUSY.format(cpu_s=60), limits).cases["0"].measured
    assert measured.ended is Ended.WALL_LIMIT
    assert measured.own_wall_s >= limits.wall_s


@pytest.mark.long
def test_a_call_for_which_no_time_is_left_is_not_begun(sandbox: Sandbox) -> None:
    limits = replace(LIMITS, wall_s=1.0, total_wall_s=1.05, cpu_s=20.0)
    observation = observe(sandbox, IDLE.format(wall_s=60), limits, calls=4)
    assert list(observation.cases) == ["0"], "the others would be stopped before they could answer"
    enough = replace(limits, total_wall_s=1.5)
    assert list(observe(sandbox, IDLE.format(wall_s=60), enough, calls=4).cases) == ["0", "1"]


@pytest.mark.long
def test_a_plain_wall_limit_is_the_last_resort(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "LAST_RESORT", 2.0)
    limits = replace(LIMITS, wall_s=1.0, total_wall_s=30.0, cpu_s=20.0)
    with busy(sandbox.affinity):
        measured = observe(sandbox, BUSY.format(cpu_s=60), limits).cases["0"].measured
    assert measured.ended is Ended.WALL_LIMIT
    assert measured.own_wall_s < limits.wall_s, "by its own time it could have gone on"
    assert 2.0 <= measured.wall_s < 4.0


# -------------------------------------------------------------------------------------------- killed by others


@contextmanager
def killing(times: int) -> Iterator[list[int]]:
    """Kill so many of the processes that are running submissions, as the kernel would."""
    killed: list[int] = []

    def kill() -> None:
        while len(killed) < times and not over.is_set():
            for pid in set(process_monitor.submission_processes()) - set(killed):
                time.sleep(0.5)
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
            time.sleep(0.02)

    over = threading.Event()
    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


AUTHOR_LIMITS = replace(LIMITS, wall_s=8.0, total_wall_s=20.0)


def test_a_process_that_was_killed_from_outside_is_no_fault_of_the_submission(sandbox: Sandbox) -> None:
    with killing(1) as killed, pytest.raises(KilledFromOutsideError, match="was killed from outside, at "):
        observe(sandbox, IDLE.format(wall_s=5), AUTHOR_LIMITS)
    assert len(killed) == 1


def test_the_kernels_counter_says_that_it_was_memory(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = iter(range(100))
    monkeypatch.setattr(oom, "kills", lambda: next(counter))
    with (
        killing(1),
        pytest.raises(KilledFromOutsideError, match="by the kernel, which was out of memory, at "),
    ):
        observe(sandbox, IDLE.format(wall_s=5), AUTHOR_LIMITS)


@pytest.mark.parametrize(
    "how",
    [
        "os.kill(os.getpid(), 9)",
        "signal.pthread_kill(threading.get_ident(), 9)",
        "ctypes.CDLL(None).syscall(234, os.getpid(), threading.get_native_id(), 9)",
        "ctypes.CDLL(None).syscall(62, os.getpid(), ctypes.c_long(1 << 32 | 9))",
    ],
)
def test_a_submission_that_kills_itself_gets_no_second_try(sandbox: Sandbox, how: str) -> None:
    """It cannot: so whoever dies of SIGKILL was killed by somebody else."""
    head = "import ctypes, os, signal, threading\n"
    source = f"{head}def solve(*a):\n    {how}\n    return [0.0, 0.0]\n"
    observation = observe(sandbox, source, LIMITS)
    measured = observation.cases["0"].measured
    assert (measured.ended, measured.signal) == (Ended.ANSWERED, None)
    loaded = make_target_exercise(Path("/nonexistent"))
    submission = submission_of(source)
    report = judge_observation(loaded, submission, observe_all(loaded, submission, sandbox), LIMITS)
    assert report.verdict in (Verdict.RUNTIME_ERROR, Verdict.WRONG_ANSWER)
    assert report.points == 0


def test_without_a_filter_a_process_may_have_killed_itself() -> None:
    with Sandbox(LIMITS, accept="none") as unconfined:
        source = "import os\ndef solve(*a):\n    os.kill(os.getpid(), 9)\n"
        measured = observe(unconfined, source, LIMITS).cases["0"].measured
    assert (measured.ended, measured.signal) == (Ended.EXITED, signal.SIGKILL)
