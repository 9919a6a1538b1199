"""A judge that is process 1, as in ``docker run IMAGE judge``, isolates as strongly as any other."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FIRST = ("unshare", "--pid", "--fork", "--mount-proc", "--")
PROGRAM = """
import json, os, sys
sys.argv = ["judge", "doctor", "--format", "json"]
assert os.getpid() == int(os.environ["EXPECTED"]) or os.environ["EXPECTED"] == "0"
from judge.cli import main
sys.exit(main())
"""


def levels(*place: str, expected: str) -> dict[str, object]:
    done = subprocess.run(
        [*place, sys.executable, "-c", PROGRAM],
        cwd=REPOSITORY,
        env={**os.environ, "EXPECTED": expected},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_it_reaches_the_same_level() -> None:
    if shutil.which("unshare") is None or subprocess.run([*FIRST, "true"], check=False).returncode:
        pytest.skip("no pid namespaces here")
    usual, first = levels(expected="0"), levels(*FIRST, expected="1")
    assert first["level"] == usual["level"]
    assert first["layers"].keys() == usual["layers"].keys()  # type: ignore[attr-defined]
    assert first["layers"]["pid"]["held"] is usual["layers"]["pid"]["held"]  # type: ignore[index]


def test_it_ends_when_it_is_told_to() -> None:
    """As `podman stop` does; without a handler the kernel keeps the signal from process 1: it is killed 10 s later."""
    if shutil.which("unshare") is None or subprocess.run([*FIRST, "true"], check=False).returncode:
        pytest.skip("no pid namespaces here")
    command = [*FIRST, sys.executable, "-m", "judge", "-", "--exercise", str(REPOSITORY)]
    with subprocess.Popen(
        command,
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as judge:  # waits for its standard input
        (first,) = children_of(judge.pid)
        deadline = time.monotonic() + 60
        while not handles(first, signal.SIGTERM):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert children_of(first)
        os.kill(first, signal.SIGTERM)
        _, said = judge.communicate(timeout=60)
    assert judge.returncode == 130
    assert said.strip().endswith("judge: interrupted")


LOST = """
import os, signal, time
from judge import cli

def run(arguments):
    try:
        os.kill(1, signal.SIGTERM)
        time.sleep(60)
    except KeyboardInterrupt:
        print("lost", flush=True)
    time.sleep(60)

cli.AGAIN_S = 0.2
cli.command_of = lambda arguments: run(arguments)
raise SystemExit(cli.main(["a.py"]))
"""


def test_an_interrupt_that_python_drops_is_raised_again() -> None:
    """Python drops what a signal's handler raises while it runs a callback of its own, as of an import lock."""
    if shutil.which("unshare") is None or subprocess.run([*FIRST, "true"], check=False).returncode:
        pytest.skip("no pid namespaces here")
    done = subprocess.run(
        [*FIRST, sys.executable, "-c", LOST], cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=50
    )
    assert done.stdout == "lost\n"
    assert done.stderr.strip() == "judge: interrupted"
    assert done.returncode == 130


def children_of(pid: int) -> list[int]:
    place = Path(f"/proc/{pid}/task/{pid}/children")
    deadline = time.monotonic() + 60
    while not (found := place.read_text().split()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return [int(one) for one in found]


def handles(pid: int, number: int) -> bool:
    """True if the process has a handler of its own for the signal."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("SigCgt:"):
            return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False
