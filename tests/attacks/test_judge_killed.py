"""SIGKILL of the judge at any moment leaves no process and no file within two seconds."""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.isolation_settings import why_not

PROGRAM = Path(__file__).with_name("judge_to_kill.py")
WITHIN_S = 2.0
MOMENTS = ("started", "grading", "called")
FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/run/lock")

pytestmark = pytest.mark.skipif(bool(reason := why_not("user-strong")), reason=reason or "never")


def start(marker: str, kind: str, folder: Path) -> subprocess.Popen[str]:
    """In a folder for temporary files of its own, so that every file left there is one of this judge's."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "JUDGE_MARKER": marker,
    }
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), marker, kind],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=folder,
    )


def descendants(marker: str, judge: int) -> dict[int, str]:
    """Processes with the marker, and zygotes and what they forked, whatever has become of their parents."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) in (judge, os.getpid()):
            continue
        try:
            environment = Path(f"/proc/{name}/environ").read_bytes()
            command = Path(f"/proc/{name}/cmdline").read_bytes()
            state = Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")[2].split()[0]
        except OSError:
            continue
        if marker.encode() in environment and state not in (b"Z", b"X"):
            found[int(name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found


def kill_at(moment: str, kind: str, folder: Path, wait_s: float) -> tuple[dict[int, str], float, list[str]]:
    """What was there before, how long after the kill the last of it was gone, and the files that stayed."""
    marker = f"judge-kill-{secrets.token_hex(6)}"
    process = start(marker, kind, folder)
    assert process.stdout is not None
    while process.stdout.readline().strip() != moment:
        assert process.poll() is None
    time.sleep(wait_s)
    before = descendants(marker, process.pid)
    os.kill(process.pid, signal.SIGKILL)
    killed = time.monotonic()
    process.wait()
    while (left := descendants(marker, process.pid)) and time.monotonic() < killed + 10:
        time.sleep(0.01)
    took_s = time.monotonic() - killed
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    files = [str(path) for path in folder.rglob("*") if path.is_file()]
    files += [f"System V {line}" for line in objects_of(process.pid)]
    process.stdout.close()
    return before, took_s, files


def objects_of(pid: int) -> list[str]:
    """System V objects that this process made: segments name their maker, queues nobody."""
    lines = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return [line for line in lines if int(line.split()[4]) == pid]


def check(moment: str, kind: str, folder: Path, wait_s: float) -> float:
    before, took_s, files = kill_at(moment, kind, folder, wait_s)
    if moment == "called":
        assert len(before) >= 3, f"zygote, keeper and the submission should have been there: {before}"
    assert took_s < WITHIN_S, (
        f"killed {wait_s:.2f} s after {moment!r}: something was there for {took_s:.1f} s"
    )
    assert not files, files
    return took_s


@pytest.mark.skipif(os.getuid() != 0, reason="only root can read the environment of confined processes")
@pytest.mark.parametrize(("moment", "kind"), [("called", "busy"), ("called", "idle"), ("grading", "busy")])
def test_nothing_is_left_when_the_judge_is_killed(moment: str, kind: str, tmp_path: Path) -> None:
    check(moment, kind, tmp_path, 0.05)


@pytest.mark.long
@pytest.mark.skipif(os.getuid() != 0, reason="only root can read the environment of confined processes")
def test_nothing_is_left_twenty_times(tmp_path: Path) -> None:
    draw = random.Random(20)
    took = []
    for number in range(20):
        folder = tmp_path / str(number)
        folder.mkdir()
        moment = MOMENTS[number % 3]
        took.append(check(moment, draw.choice(["busy", "idle"]), folder, draw.uniform(0, 1.0)))
    print(f"\nall gone after {sorted(took)[10]:.3f} s (median), {max(took):.3f} s (at most) in 20 kills")
