"""What the judge failed on is tried again in one place, whoever asks: a single file, a batch, the Python API."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from judge import retry
from judge.grader import Grader
from judge.model import (
    ExerciseError,
    KilledFromOutsideError,
    Report,
    SandboxError,
    SandboxTooWeakError,
    UsageError,
    Verdict,
)
from judge.selftest import process_monitor

ROOT = Path(__file__).resolve().parents[1]
EXERCISE = ROOT / "tests/exercises/optax_sgd_step"
RIGHT = (EXERCISE / "reference/solution.py").read_text()
SLOW = f"import time\ntime.sleep(0.8)\n{RIGHT.replace('from __future__ import annotations', '')}"
NO_PAUSES = (0.0, 0.0, 0.0)

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="confinement is for Linux")


class Attempts:
    """Fails so often with this error; counts, and hears of further tries."""

    def __init__(self, error: Exception, failures: int) -> None:
        self.error, self.failures = error, failures
        self.tried: list[float] = []
        self.heard: list[str] = []
        self.renewed = 0

    def __call__(self) -> Report:
        self.tried.append(time.monotonic())
        assert self.renewed == len(self.tried) - 1, "each further try is with a fresh sandbox"
        if len(self.tried) <= self.failures:
            raise self.error
        return Report(**{**dict.fromkeys(Report.__dataclass_fields__), "verdict": Verdict.ACCEPTED})

    def renew(self) -> None:
        self.renewed += 1

    def persist(self, stopped: Callable[[], bool] = lambda: False, **options: object) -> Report:
        return retry.persist(
            self,
            renew=self.renew,
            on_retry=self.heard.append,
            stopped=stopped,
            **options,  # type: ignore[arg-type]
        )


def test_pauses_grow() -> None:
    assert len(retry.PAUSES_S) >= 4
    assert list(retry.PAUSES_S) == sorted(set(retry.PAUSES_S))
    attempts = Attempts(SandboxError("gone"), 3)
    assert attempts.persist(pauses_s=(0.0, 0.2, 0.8)).verdict is Verdict.ACCEPTED
    first, second, third, fourth = attempts.tried
    assert second - first < 0.2 <= third - second < 0.8 <= fourth - third


@pytest.mark.parametrize(
    "error", [SandboxError("gone"), KilledFromOutsideError("killed"), OSError(12, "no"), MemoryError()]
)
def test_what_may_pass_is_tried_again(error: Exception) -> None:
    attempts = Attempts(error, 2)
    assert attempts.persist(pauses_s=NO_PAUSES).verdict is Verdict.ACCEPTED
    assert attempts.heard == [str(error) or type(error).__name__] * 2


def test_the_last_failure_is_raised() -> None:
    attempts = Attempts(SandboxError("gone"), 99)
    with pytest.raises(SandboxError, match="gone"):
        attempts.persist(pauses_s=NO_PAUSES)
    assert len(attempts.tried) == 1 + len(NO_PAUSES)


@pytest.mark.parametrize(
    "error",
    [SandboxTooWeakError("weak"), ExerciseError("broken"), UsageError("no"), ZeroDivisionError("bug")],
)
def test_what_would_come_again_is_not_tried_again(error: Exception) -> None:
    attempts = Attempts(error, 99)
    with pytest.raises(type(error)):
        attempts.persist(pauses_s=NO_PAUSES)
    assert (len(attempts.tried), attempts.heard) == (1, [])


def test_a_report_that_is_a_judge_error_is_tried_again_and_returned_at_last() -> None:
    blank = dict.fromkeys(Report.__dataclass_fields__)
    report = Report(**{**blank, "verdict": Verdict.JUDGE_ERROR, "findings": ()})
    tries: list[str] = []
    assert (
        retry.persist(lambda: report, renew=lambda: None, on_retry=tries.append, pauses_s=NO_PAUSES) is report
    )
    assert len(tries) == len(NO_PAUSES)


def test_who_is_stopped_in_a_pause_tries_no_more() -> None:
    attempts, stop = Attempts(SandboxError("gone"), 99), threading.Event()
    threading.Timer(0.2, stop.set).start()
    start = time.monotonic()
    with pytest.raises(SandboxError):
        attempts.persist(stop.is_set, pauses_s=(60.0, 60.0))
    assert (len(attempts.tried), time.monotonic() - start < 30) == (1, True)


# ------------------------------------------------------------------------------------------------- real kills


@contextmanager
def killing(times: int, reasons: list[str]) -> Iterator[list[int]]:
    """Kill so many of the processes that are running submissions, as the kernel would, each once it was noticed."""
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while len(killed) < times and not over.is_set():
            old = [pid for pid in process_monitor.submission_processes() if _age_s(pid) > 0.3]
            if old and len(killed) <= len(reasons):
                os.kill(old[-1], signal.SIGKILL)
                killed.append(old[-1])
            time.sleep(0.02)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def _age_s(pid: int) -> float:
    try:
        started = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")


@linux
def test_a_submission_whose_process_is_killed_is_graded_all_the_same(
    small_grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "PAUSES_S", NO_PAUSES)
    assert small_grader.grade(RIGHT).verdict is Verdict.ACCEPTED, "so that nothing else is killed than a submission"
    reasons: list[str] = []
    with killing(1, reasons) as killed:
        assert small_grader.grade(SLOW, on_retry=reasons.append).verdict is Verdict.ACCEPTED
    assert len(killed) == len(reasons) == 1
    assert all("was killed from outside, at " in reason for reason in reasons)


@pytest.mark.long
@linux
def test_one_that_is_killed_each_time_is_tried_as_often_as_there_are_pauses(
    small_grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "PAUSES_S", NO_PAUSES[:1])
    assert small_grader.grade(RIGHT).verdict is Verdict.ACCEPTED
    reasons: list[str] = []
    with killing(99, reasons) as killed, pytest.raises(KilledFromOutsideError):
        small_grader.grade(SLOW, on_retry=reasons.append)
    assert (len(killed), len(reasons)) == (2, 1), "and nobody else tries it again as well"


@linux
def test_closing_a_grader_ends_what_it_would_try_again(small_grader: Grader) -> None:
    """It may be used again afterwards: `Grader.close`."""
    reasons: list[str] = []
    assert small_grader.grade(RIGHT).verdict is Verdict.ACCEPTED
    threading.Timer(0.5, small_grader.close).start()
    start = time.monotonic()
    with pytest.raises(SandboxError):
        small_grader.grade(f"import time\ntime.sleep(60)\n{SLOW}", on_retry=reasons.append)
    assert reasons == []
    assert time.monotonic() - start < 30


@pytest.mark.long
@linux
def test_judge_file_survives_that_its_zygote_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "slow.py"
    file.write_text(SLOW)
    command = [sys.executable, "-m", "judge", str(file), "--exercise", str(EXERCISE)]
    judge = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    deadline = time.monotonic() + 120
    while not (running := _zygotes_with_children(judge.pid)) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)  # it now runs the submission, not a probe
    os.kill(running[0], signal.SIGKILL)
    out, err = judge.communicate(timeout=300)
    assert judge.returncode == 0, err
    assert "Accepted" in out
    assert "judge error, trying again: " in err


def _zygotes_with_children(judge: int) -> list[int]:
    """Zygotes of this judge that have had a submission's process for a while."""
    return [
        pid
        for pid in process_monitor.children_of(judge)
        if "zygote.py" in _command(pid) and any(_age_s(child) > 0.3 for child in process_monitor.children_of(pid))
    ]
