"""What keepers and zygotes do with signals is their affair: a submission finds every signal as a fresh Python does."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from support.isolation_settings import why_not

from judge.sandbox import Call, Sandbox
from judge.selftest.target_exercise import LIMITS

pytestmark = pytest.mark.skipif(bool(reason := why_not("user-strong")), reason=reason or "never")

LOOK = """
import json, signal
def look():
    handlers = {int(number): str(signal.getsignal(number)) for number in signal.valid_signals()}
    blocked = sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, [])))
    timer = signal.getitimer(signal.ITIMER_REAL)
    return [sorted((n, h.partition(" at ")[0]) for n, h in handlers.items()), blocked, list(timer)]
"""
SUBMISSION = LOOK + "def solve(number):\n    print(json.dumps(look()))\n    return [0.0]\n"
CHILDREN = b"""
import os, subprocess, sys
def solve(number):
    codes = [subprocess.run([sys.executable, "-S", "-c", f"raise SystemExit({n})"]).returncode for n in (0, 1, 7)]
    pid = os.fork()
    if not pid:
        os._exit(3)
    return [*codes, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])]
"""


@pytest.mark.parametrize("accept", ["good", "none"])
def test_a_submission_finds_every_signal_as_it_is_outside(accept: str) -> None:
    plain = subprocess.run(
        [sys.executable, "-c", LOOK + "print(json.dumps(look()))"],
        capture_output=True,
        text=True,
        check=True,
        restore_signals=True,
    )
    with Sandbox(LIMITS, accept=accept, preload=("numpy",)) as sandbox:
        observed = sandbox.observe(SUBMISSION.encode(), "solve", [Call("c/1", {"number": 1})])
    assert json.loads(observed.cases["c/1"].claimed.stdout) == json.loads(plain.stdout)


def test_where_a_submission_may_have_children_it_learns_how_they_ended() -> None:
    with Sandbox(LIMITS, accept="none", preload=("numpy",)) as sandbox:
        observed = sandbox.observe(CHILDREN, "solve", [Call("c/1", {"number": 1})])
    returned = observed.cases["c/1"].claimed.returned
    assert returned is not None, observed.cases["c/1"]
    assert returned.array is not None
    assert returned.array.tolist() == [0.0, 1.0, 7.0, 3.0]
