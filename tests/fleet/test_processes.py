"""Clusters of real processes: killed workers and schedulers lose nothing, and nothing is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from distributed import Client
from fleet_fakes import EXERCISE, ROOT, assignment, failed, sources
from support.batch_results import contents

from judge.batch.pool import Done, Retried
from judge.fleet.cluster import started_here
from judge.fleet.executor import DaskExecutor, Fleet
from judge.model import Submission, Verdict

pytestmark = pytest.mark.long
FAKES = str(Path(__file__).with_name("fleet_fakes.py"))
RIGHT = (EXERCISE / "reference/solution.py").read_text()
END_S = 20.0


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def processes() -> dict[int, tuple[int, str]]:
    """The parent and the command line of every process that is not a zombie."""
    found = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with contextlib.suppress(OSError):
                state, parent = (place / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    found[int(place.name)] = (int(parent), command)
    return found


def descendants(pid: int) -> dict[int, str]:
    known = processes()
    family = {pid}
    for _ in range(10):
        family |= {child for child, (parent, _) in known.items() if parent in family}
    return {
        child: known[child][1]
        for child in family - {pid}
        if child in known and "resource_tracker" not in known[child][1]  # Python's own, which ends with the parent
    }


def require_gone(family: dict[int, str]) -> None:
    """Fail unless all of these end within some time."""
    deadline = time.monotonic() + END_S
    while True:
        now = processes()
        left = {pid: command for pid, command in family.items() if pid in now and now[pid][1] == command}
        if not left:
            return
        assert time.monotonic() < deadline, f"still there: {left}"
        time.sleep(0.1)


def wait_until(condition: object, process: subprocess.Popen[str], within_s: float = 90.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():  # type: ignore[operator]
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def run_on(client: Client, jobs: Sequence[Submission]) -> list[object]:
    executor: DaskExecutor[Submission] = DaskExecutor(
        lambda: Fleet(client, assignment()), lambda job: job, failed
    )
    return list(executor.run(jobs))


def worker_pids() -> list[int]:
    """The worker processes of a cluster that this process has started."""
    return [pid for pid, command in descendants(os.getpid()).items() if "spawn_main" in command]


def test_a_submission_that_kills_its_workers_is_one_judge_error_by_name() -> None:
    before = descendants(os.getpid())
    with started_here(2, 1, [FAKES]) as client:
        family = descendants(os.getpid())
        texts = ["accepted"] * 20
        texts[3] = "kill"
        events = run_on(client, sources(*texts))
    verdicts = {event.job.path: event.report for event in events if isinstance(event, Done)}
    assert len(verdicts) == 20
    broken = {path: report for path, report in verdicts.items() if report.verdict is not Verdict.ACCEPTED}
    assert list(broken) == ["s003.py"]
    assert broken["s003.py"].verdict is Verdict.JUDGE_ERROR
    assert "(KilledWorker)" in broken["s003.py"].findings[0].message
    told = [event for event in events if isinstance(event, Retried)]
    assert any(event.job.path == "s003.py" and "tried alone at the end" in event.reason for event in told)
    require_gone({pid: command for pid, command in family.items() if pid not in before})


def test_workers_killed_five_times_lose_no_submission() -> None:
    before = descendants(os.getpid())
    with started_here(2, 1, [FAKES]) as client:
        done = threading.Event()
        killed: list[int] = []

        def kill() -> None:
            while len(killed) < 5 and not done.wait(0.5):
                pids = [pid for pid in worker_pids() if pid not in killed]
                if len(pids) == 2:
                    os.kill(pids[len(killed) % 2], signal.SIGKILL)
                    killed.append(pids[len(killed) % 2])

        killer = threading.Thread(target=kill)
        killer.start()
        events = run_on(client, sources(*["sleep 0.05 accepted"] * 200))
        done.set()
        killer.join()
    reports = [event.report for event in events if isinstance(event, Done)]
    assert len(killed) == 5
    assert len(reports) == len({report.sha256 for report in reports}) == 200
    assert {report.verdict for report in reports} == {Verdict.ACCEPTED}
    assert [pid for pid in descendants(os.getpid()) if pid not in before and pid in killed] == []


def a_class(folder: Path, copies: int = 6) -> None:
    folder.mkdir()
    for number in range(copies):
        (folder / f"right{number}.py").write_text(f"{RIGHT}# {number}\n")
    for path in (EXERCISE / "reference/misconceptions").glob("*.py"):
        (folder / path.name).write_text(path.read_text())
    (folder / "empty.py").write_text("")
    (folder / "syntax.py").write_text("def sgd_step(params, grads, lr)\n    return params\n")


def judge(*options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "judge", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": os.getcwd()},
    )


def batch(out: str, *options: str) -> subprocess.Popen[str]:
    return judge("class", "--exercise", str(EXERCISE), "-o", out, "--plain", *options)


def test_a_fleet_writes_the_results_folder_of_a_local_run(here: Path) -> None:
    a_class(here / "class")
    local, fleet = batch("local"), batch("fleet", "--executor", "dask", "--workers", "2", "-j", "2")
    for process in (local, fleet):
        assert process.wait(300) == 1, process.stderr and process.stderr.read()
    assert len(list((here / "fleet/class").iterdir())) == 11
    assert contents(here / "fleet") == contents(here / "local")
    _, said = batch("fleet").communicate(timeout=120)
    assert "10 results unchanged, 1 to grade" in said  # a file that is empty is looked at each time
    assert {path.name for path in here.iterdir()} == {"class", "local", "fleet"}


def test_a_fleet_grades_the_examples_and_a_hundred_files_of_the_bank_as_a_local_run_does(here: Path) -> None:
    (here / "class").mkdir()
    bank = [path for kind in ("accepted", "misconceptions") for path in (ROOT / "reference" / kind).glob("*.py")]
    examples = [path for path in (ROOT / "submissions").glob("*.py") if path.stem != "morgan"]  # which never ends
    for path in [*examples, *sorted(bank, key=lambda path: path.stem)[:100]]:
        (here / "class" / f"{path.parent.name}_{path.name}").write_text(path.read_text())
    here_too = ("--executor", "dask", "--workers", "2", "-j", "2")
    for out, options in (("local", ()), ("fleet", here_too)):
        process = judge("class", "--exercise", str(ROOT), "-o", out, "--plain", *options)
        _, said = process.communicate(timeout=1800)
        assert process.returncode == 1, said
    assert len(list((here / "fleet/class").iterdir())) == len(examples) + 100
    assert contents(here / "fleet") == contents(here / "local")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_ended_batch_leaves_no_process_and_goes_on_later(here: Path, number: signal.Signals) -> None:
    a_class(here / "class", copies=30)
    process = batch("out", "--executor", "dask", "--workers", "2", "-j", "2")
    wait_until(lambda: len(list((here / "out").glob("class/*.json"))) >= 3, process)
    family = descendants(process.pid)
    assert len(family) >= 4  # two workers and a zygote each
    if number is signal.SIGINT:  # as a terminal does
        for pid in [process.pid, *(pid for pid in family if "spawn_main" in family[pid])]:
            os.kill(pid, number)
    else:
        process.send_signal(number)
    _, said = process.communicate(timeout=60)
    require_gone(family)
    assert "Traceback" not in said
    if number is not signal.SIGKILL:
        assert process.returncode == 130
        assert json.loads((here / "out/summary.json").read_text())["complete"] is False
        assert {path.name for path in here.iterdir()} == {"class", "out"}


@contextlib.contextmanager
def scheduler(port: int = 0) -> Iterator[tuple[subprocess.Popen[str], int]]:
    code = (
        "import asyncio; from distributed import Scheduler\n"
        "async def main():\n"
        f"    async with Scheduler(host='127.0.0.1', port={port}, dashboard=False) as s:\n"
        "        print(s.port, flush=True); await s.finished()\n"
        "asyncio.run(main())"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def test_a_killed_scheduler_costs_nothing(here: Path) -> None:
    a_class(here / "class", copies=8)
    whole = batch("whole")
    assert whole.wait(300) == 1
    with scheduler() as (process, port):
        address = f"tcp://127.0.0.1:{port}"
        worker = judge("worker", "--scheduler", address, "-j", "2", "--name", "one")
        run = batch("out", "--scheduler", address)
        wait_until(lambda: len(list((here / "out").glob("class/*.json"))) >= 3, run)
        family = descendants(worker.pid)
        process.kill()
        _, said = run.communicate(timeout=120)
        assert run.returncode == 3
        assert f"judge: error: {address}: the scheduler is gone; the same command goes on from here" in said
        assert worker.wait(60) == 0
        require_gone(family)
    with scheduler() as (_, port):
        address = f"tcp://127.0.0.1:{port}"
        worker = judge("worker", "--scheduler", address, "-j", "2", "--name", "two")
        run = batch("out", "--scheduler", address)
        _, said = run.communicate(timeout=300)
        assert run.returncode == 1, said
        assert "unchanged and kept" in said
        assert contents(here / "out") == contents(here / "whole")
        family = descendants(worker.pid)
        worker.send_signal(signal.SIGINT)
        _, said = worker.communicate(timeout=60)
        assert worker.returncode == 0
        assert [line for line in said.splitlines() if line.startswith("judge")] == [
            f"judge: worker two grades 2 at a time for {address}",
            "judge: worker two has ended",
        ]
        assert "Traceback" not in said
        require_gone(family)
    assert {path.name for path in here.iterdir()} == {"class", "whole", "out"}
