"""Hundreds of gradings through one zygote leave the judge and its zygote as they were."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from attack_driver import all_attacks
from support.isolation_settings import why_not

from judge.model import Verdict
from judge.selftest.harness import AttackHarness
from judge.selftest.process_monitor import children_of, keepers, status_of, submission_processes
from judge.selftest.target_exercise import LIMITS, RIGHT_SUBMISSION

pytestmark = pytest.mark.skipif(bool(reason := why_not("user-strong")), reason=reason or "never")

GRADINGS = 300
WARM_UP = 30
ATTACKS = (
    "forge_exit_zero",
    "forge_every_descriptor",
    "exhaust_output",
    "escape_exec",
    "protocol_crash",
    "protocol_nested_json",
    "steal_memory_by_ptrace",
    "tamper_write",
    "outlive_daemon",
)


def state_of(arena: AttackHarness) -> dict[str, float]:
    """Figures of the judge and its zygote that must not grow."""
    zygote = arena.sandbox._zygote
    assert zygote is not None
    deadline = time.monotonic() + 2.0  # the last keeper may be on its way out
    while running() and time.monotonic() < deadline:
        time.sleep(0.01)
    return {
        "descriptors of the judge": len(os.listdir("/proc/self/fd")),
        "descriptors of the zygote": len(os.listdir(f"/proc/{zygote.pid}/fd")),
        "threads of the judge": int(status_of(os.getpid())["Threads"]),
        "children of the zygote": len([pid for pid in children_of(zygote.pid) if pid in running()]),
        "zombies": len(children_of(zygote.pid)) - len([p for p in children_of(zygote.pid) if p in running()]),
        "temporary files": len([name for name in os.listdir(tempfile.gettempdir()) if "judge" in name]),
        "memory of the judge, MiB": resident_mib(os.getpid()),
        "memory of the zygote, MiB": resident_mib(zygote.pid),
    }


def running() -> set[int]:
    pids = {*keepers(), *submission_processes()}
    return {pid for pid in pids if status_of(pid).get("State", "Z")[0] not in "ZX"}


def resident_mib(pid: int) -> float:
    return int(status_of(pid)["VmRSS"].split()[0]) / 1024


@pytest.mark.long
def test_three_hundred_gradings_leak_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    limits = replace(LIMITS, wall_s=20.0, total_wall_s=40.0)
    attacks = [attack for attack in all_attacks() if attack.name in ATTACKS]
    assert len(attacks) == len(ATTACKS)
    with AttackHarness() as arena:
        verdicts: Counter[Verdict] = Counter()
        before: dict[str, float] = {}
        zygote = 0
        for number in range(WARM_UP + GRADINGS):
            if number == WARM_UP:
                before = state_of(arena)
                zygote = arena.sandbox._zygote.pid if arena.sandbox._zygote else 0
            if number % 3:
                report, _ = arena.grade(RIGHT_SUBMISSION, limits)
                assert report.verdict is Verdict.ACCEPTED
            else:
                attack = attacks[number // 3 % len(attacks)]
                report, _ = arena.grade(attack.filled({**arena.ground.values(), "TOKEN": ""}), limits)
                assert report.verdict in attack.verdicts
            verdicts[report.verdict] += 1
        after = state_of(arena)
        assert arena.sandbox._zygote is not None
        assert arena.sandbox._zygote.pid == zygote, "it was one zygote all the time"
    print(f"\nafter {GRADINGS} gradings, {dict(verdicts)}:")
    for name, value in after.items():
        print(f"  {name:28} {before[name]:8.1f} -> {value:8.1f}")
    for name in after:
        growth = after[name] - before[name]
        allowed = {"memory of the judge, MiB": 8.0, "memory of the zygote, MiB": 4.0}
        assert growth <= allowed.get(name, 0.0), f"{name} grew by {growth:.1f}"


def test_twenty_gradings_leak_no_descriptor_and_no_process(arena: AttackHarness) -> None:
    limits = replace(LIMITS, wall_s=20.0, total_wall_s=40.0)
    assert arena.grade(RIGHT_SUBMISSION, limits)[0].verdict is Verdict.ACCEPTED
    before = state_of(arena)
    for _ in range(20):
        assert arena.grade(RIGHT_SUBMISSION, limits)[0].verdict is Verdict.ACCEPTED
    after = state_of(arena)
    for name in ("descriptors of the judge", "descriptors of the zygote", "threads of the judge"):
        assert after[name] == before[name], name
    assert after["children of the zygote"] == 0
    assert after["zombies"] == 0
