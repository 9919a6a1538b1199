"""Batches with the real sandbox: what one submission does changes nothing for another, and no kill loses anything.

The exercise is the small one without a network, so that compiling takes little of the time.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.batch_fakes import write
from support.batch_results import contents

from judge.grader import Grader, load_exercise_with_goldens
from judge.model import Limits, Report

ROOT = Path(__file__).parents[2]
EXERCISE = ROOT / "tests/exercises/optax_sgd_step"
WALL_S = 12.0

RIGHT = (EXERCISE / "reference/solution.py").read_text()
WRONG = {path.stem: path.read_text() for path in sorted((EXERCISE / "reference/misconceptions").glob("*.py"))}

HARMLESS = {
    "right.py": RIGHT,
    "right/again.py": f"# another copy\n{RIGHT}",
    **{f"wrong/{name}.py": source for name, source in WRONG.items()},
    "raises.py": "def sgd_step(params, grads, lr):\n    return undefined_name\n",
    "syntax.py": "def sgd_step(params, grads, lr)\n    return params\n",
    "no-entry.py": "def sgd_stop(params, grads, lr):\n    return params\n",
    "text.py": "def sgd_step(params, grads, lr):\n    return 'params'\n",
}

_HEAD = "import ctypes, os, signal, sys, time, threading\ndef sgd_step(params, grads, lr):\n    "
HOSTILE = {
    "spin.py": "while True: pass",
    "sleep.py": "time.sleep(1e6)",
    "stop.py": "os.kill(os.getpid(), signal.SIGSTOP)",
    "memory.py": "keep = []\n    while True: keep.append(bytearray(b'x') * (64 << 20))",
    "flood.py": "while True: print('x' * 10_000)",
    "exit.py": "os._exit(0)",
    "leave.py": "sys.exit(0)",
    "crash.py": "ctypes.string_at(0)",
    "abort.py": "os.abort()",
    "forks.py": "while True: os.fork()",
    "threads.py": "while True: threading.Thread(target=time.sleep, args=(1e6,)).start()",
    "kill.py": "[os.kill(pid, 9) for pid in (os.getppid(), -1)]",
    "recursion.py": "return sgd_step(params, grads, lr)",
    "descriptors.py": "[os.write(fd, b'x' * 100) for fd in range(3, 64)]",
}
HOSTILE = {name: _HEAD + body + "\n" for name, body in HOSTILE.items()}
MUST_BE_STOPPED = {"spin.py": "time-limit", "sleep.py": "time-limit", "memory.py": "memory-limit"}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "judge", "class", "--exercise", str(EXERCISE), *options]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def judge(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*options), capture_output=True, text=True, timeout=600, env=environment())


def essence(report: Report) -> tuple[object, ...]:
    """What must not depend on the neighbours."""
    return (
        report.verdict,
        report.points,
        [(check.id, check.outcome, check.got) for check in report.checks],
        [(finding.code, finding.severity, finding.span) for finding in report.findings],
    )


def stored(out: Path, name: str) -> dict[str, object]:
    document: dict[str, object] = json.loads((out / "class" / f"{name}.json").read_text())
    return document


@pytest.mark.long
def test_hostile_neighbours_change_no_verdict(here: Path) -> None:
    from judge.batch.results_folder import read_report

    with Grader.of(load_exercise_with_goldens(EXERCISE), limits=Limits(wall_s=WALL_S, total_wall_s=WALL_S)) as grader:
        alone = {name: essence(grader.grade(source)) for name, source in HARMLESS.items()}
    assert {str(one[0]) for one in alone.values()} >= {"accepted", "wrong-answer", "runtime-error"}
    # Sorted by name the two kinds alternate: each harmless file has hostile neighbours, in time and in both slots.
    harmless = {f"{2 * n:02}/{name}": name for n, name in enumerate(HARMLESS)}
    hostile = {f"{2 * n + 1:02}/{name}": name for n, name in enumerate(HOSTILE)}
    write(here / "class", {place: HARMLESS[name] for place, name in harmless.items()})
    write(here / "class", {place: HOSTILE[name] for place, name in hostile.items()})
    (here / "class/20").mkdir(exist_ok=True)
    (here / "class/20/link.py").symlink_to("../00/right.py")
    os.mkfifo(here / "class/20/pipe.py")
    done = judge("-o", "out", "-j", "2", "--time-limit", str(WALL_S))
    assert done.returncode == 1, done.stderr
    for place, name in harmless.items():
        report = read_report(here / "out/class" / f"{place}.json", exact=True)
        assert report is not None
        assert essence(report) == alone[name], name
    for place, name in hostile.items():
        verdict = stored(here / "out", place)["verdict"]
        assert verdict not in ("accepted", "judge-error"), name
        assert verdict == MUST_BE_STOPPED.get(name, verdict), name
    for name in ("link.py", "pipe.py"):
        assert stored(here / "out", f"20/{name}")["verdict"] == "invalid-submission"


@pytest.mark.long
def test_an_unchanged_class_is_not_run_again_and_a_changed_case_is(here: Path) -> None:
    import shutil

    write(here / "class", {"a.py": RIGHT, "b.py": WRONG["gradient_added"]})
    first = judge("-o", "out")
    assert (first.returncode, "2 submissions graded" in first.stderr) == (1, True), first.stderr
    again = judge("-o", "out")
    assert (again.returncode, "0 submissions graded" in again.stderr) == (1, True), again.stderr
    limited = judge("-o", "out", "--time-limit", "14")
    assert "2 submissions graded" in limited.stderr
    fresh = judge("-o", "out", "--time-limit", "14", "--fresh")
    assert "2 submissions graded" in fresh.stderr
    shutil.copytree(EXERCISE, here / "exercise")
    other = subprocess.run(
        [sys.executable, "-m", "judge", "class", "--exercise", "exercise", "-o", "out", "--time-limit", "14"],
        capture_output=True,
        text=True,
        env=environment(),
    )
    assert "2 results unchanged" in other.stderr  # a digest is about content, not about where it lies


def descendants(pid: int) -> set[int]:
    """All processes below one, at this moment."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def zygotes_and_below(pid: int) -> set[int]:
    """Those of the processes below one that a zygote is, or started; not the server that works on what comes back."""
    found = descendants(pid)
    return {one for one in found if b"zygote.py" in command_line(one)}


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def assert_gone(pids: set[int], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [pid for pid in pids if alive(pid)]


def a_class(folder: Path, rounds: int) -> int:
    """Many small files, every one different but for some copies."""
    kinds = list(HARMLESS.items())
    files = {
        f"{n:03}-{Path(name).name}": f"{source}\n# {n}\n" for n, (name, source) in enumerate(kinds * rounds)
    }
    files |= {f"copies/{n}.py": RIGHT for n in range(3)}
    write(folder, files)
    return len(files)


def kill_and_resume(here: Path, times: int) -> None:
    count = a_class(here / "class", rounds=1 if times < 10 else 100)
    whole = judge("-o", "whole")
    assert whole.returncode == 1, whole.stderr
    kept: dict[Path, bytes] = {}
    killed_while_grading = 0
    for number in range(times):
        process = subprocess.Popen(
            command("-o", "out"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
        )
        # Every third is killed at any moment, the others once they have begun, however busy it is here.
        while (number + 1) % 3 and process.poll() is None and not descendants(process.pid):
            time.sleep(0.01)
        wait_s = random.uniform(0.3, 3.0) if times > 1 else 0.3  # a short batch can be over after a second
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            below = descendants(process.pid)
            killed_while_grading += bool(below)
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert_gone(below, within_s=5.0)
        for path, data in kept.items():
            assert path.read_bytes() == data, f"{path} was graded again"
        found = (here / "out/class").rglob("*.json") if (here / "out/class").exists() else ()
        kept = {path: path.read_bytes() for path in found}
    assert killed_while_grading >= times / 2
    last = judge("-o", "out")
    assert last.returncode == 1, last.stderr
    assert contents(here / "out") == contents(here / "whole")
    assert len(list((here / "out/class").rglob("*.json"))) == count


@pytest.mark.long
@pytest.mark.slow
def test_killed_once_a_batch_ends_as_if_it_had_not_been(here: Path) -> None:
    kill_and_resume(here, 1)


@pytest.mark.long
def test_killed_thirty_times_a_batch_ends_as_if_it_had_not_been(here: Path) -> None:
    kill_and_resume(here, 30)


@pytest.mark.slow
def test_an_interrupted_batch_leaves_no_process(here: Path) -> None:
    write(
        here / "class",
        {"a.py": RIGHT, "b.py": HOSTILE["spin.py"], "c.py": HOSTILE["sleep.py"], "d.py": RIGHT + "#"},
    )
    process = subprocess.Popen(
        command("-o", "out", "-j", "2"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    while not (here / "out/class/a.py.json").exists():
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(1.0)
    below = descendants(process.pid)
    assert below
    process.send_signal(signal.SIGINT)
    start = time.monotonic()
    _, stderr = process.communicate(timeout=60)
    assert time.monotonic() - start < 10  # a case may take 15 s, so nothing was waited for
    assert process.returncode == 130
    assert "interrupted: " in stderr
    assert_gone(below, within_s=2.0)
    verdicts = {path.name for path in (here / "out/class").iterdir()}
    assert "b.py.json" not in verdicts
    assert "c.py.json" not in verdicts
    assert json.loads((here / "out/summary.json").read_text())["complete"] is False


@pytest.mark.long
def test_a_zygote_that_is_killed_from_outside_costs_no_learner_anything(here: Path) -> None:
    slow = (
        "import time\ndef sgd_step(params, grads, lr):\n    time.sleep(1.0)\n    return params - lr * grads\n"
    )
    write(here / "class", {"a.py": slow, "b.py": RIGHT})
    process = subprocess.Popen(
        command("-o", "out", "-j", "1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    while len(below := zygotes_and_below(process.pid)) < 3:  # zygote, keeper, and the process inside
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(1.0)
    os.kill(min(below), signal.SIGKILL)
    process.communicate(timeout=120)
    assert not any(map(alive, below)), "else nothing had to be tried again"
    assert stored(here / "out", "b.py")["verdict"] == "accepted"
    document = stored(here / "out", "a.py")
    assert document["score"] == {"points": 4.0, "out_of": 4.0}
    assert document["verdict"] != "judge-error"
