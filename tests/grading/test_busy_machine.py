"""On a machine that is busy with other work, files come to the same verdict, score and findings as on an idle one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from judge.grader import Grader
from judge.model import Report

ROOT = Path(__file__).resolve().parents[2]
LOAD = 16
ACCEPTED = sorted((ROOT / "reference/accepted").glob("*.py"))
SUBMITTED = sorted((ROOT / "submissions").glob("*.py"))
FEW = (*ACCEPTED[:: max(len(ACCEPTED) // 3, 1)], *SUBMITTED[:3])


@contextmanager
def busy(processes: int) -> Iterator[None]:
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def essence(report: Report) -> tuple[object, ...]:
    checks = [(check.id, check.outcome, check.reason) for check in report.checks]
    return report.verdict, report.points, checks, [(one.code, one.checks) for one in report.findings]


@pytest.mark.long
def test_a_busy_machine_convicts_nobody() -> None:
    with Grader(ROOT) as grader:
        idle = {path: essence(grader.grade(path)) for path in FEW}
        with busy(LOAD):
            loaded = {path: essence(grader.grade(path)) for path in FEW}
    assert len(FEW) >= 6
    assert loaded == idle
