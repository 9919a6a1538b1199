"""Who dies now and then gets a fresh process for the rest of the calls, but no fresh allowance."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.isolation_settings import why_not

from judge.model import Ended
from judge.sandbox import Call, Sandbox
from judge.sandbox import session as sessions
from judge.selftest.target_exercise import LIMITS

pytestmark = pytest.mark.skipif(bool(reason := why_not("user-strong")), reason=reason or "never")

CALLS = 24
SOURCE = b'''
"""Answers with as much text as goes into one message, and dies after every fourth answer."""
import json, os, struct
calls = []
def solve(number):
    calls.append(number)
    if len(calls) == 5:
        os._exit(0)
    array = {"dtype": "float64", "shape": [1]}
    returned = {"type": "list", "dtype": "float64", "shape": [1], "array": array}
    events = [{"kind": "x", "line": 1, "facts": {"x": "y" * 480_000}}]
    header = {"kind": "answer", "number": len(calls), "returned": returned, "events": events}
    text = json.dumps(header).encode()
    data = struct.pack("!II", len(text), 8) + text + bytes(8)
    while data:
        data = data[os.write(3, data) :]
    while True:
        data = os.read(3, 1 << 16)  # the next call, which the worker would otherwise see late
        if not data:
            os._exit(0)
        solve(0)
'''


@pytest.mark.parametrize("allowance_mib", [2, 6])
def test_the_allowance_of_text_is_for_the_whole_run(
    allowance_mib: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MAX_HEADERS_BYTES", allowance_mib << 20)
    limits = replace(LIMITS, wall_s=10.0, total_wall_s=60.0, cpu_s=60.0)
    with Sandbox(limits, preload=("numpy",)) as sandbox:
        observed = sandbox.observe(SOURCE, "solve", [Call(f"c/{n}", {"n": n}) for n in range(CALLS)])
    ends = [step.measured.ended for step in observed.cases.values()]
    assert ends.count(Ended.ANSWERED) == (allowance_mib << 20) // 480_000, ends
    assert ends[4] is Ended.EXITED, "it died and was given a fresh process"
    assert ends[-1] is Ended.PROTOCOL, "and no further one after its allowance was spent"
    assert "MiB of text" in list(observed.cases.values())[-1].measured.detail
