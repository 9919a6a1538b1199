"""Where a process may not make namespaces itself and bubblewrap may, the whole zygote runs under it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import pytest

from judge.inside import bubblewrap
from judge.inside.confine import LEVELS
from judge.model import Ended, Limits
from judge.sandbox import Call, Sandbox
from judge.sandbox import policy as policies
from judge.selftest.bench import LIMITS

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or bubblewrap.find_bubblewrap() is None, reason="needs bubblewrap"
)

TELLS = b"def solve(seed, x_batch, y_batch, lr):\n    return [1.0, 2.0]\n"


@pytest.fixture(autouse=True)
def _namespaces_are_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = policies.Policy.request

    def request(self: policies.Policy, limits: Limits, affinity: Sequence[int]) -> dict[str, Any]:
        made = honest(self, limits, affinity)
        if "mount" in made["confinement"]["layers"]:
            made["confinement"]["break_layer"] = "mount"
        return made

    monkeypatch.setattr(policies.Policy, "request", request)


def test_the_level_is_strong_and_submissions_run() -> None:
    with Sandbox(LIMITS) as sandbox:
        assert sandbox.assessment.level == "strong", sandbox.assessment.missing
        assert set(sandbox.assessment.isolation.layers) >= set(LEVELS["strong"])
        inputs = {"seed": 0, "x_batch": 0, "y_batch": 0, "lr": 0.5}
        observed = sandbox.observe(TELLS, "solve", [Call("it", inputs)])
    assert observed.cases["it"].measured.ended is Ended.ANSWERED
    assert observed.isolation.level == "strong"
    assert "uid" not in observed.isolation.layers, "as the page says"


def test_without_it_the_level_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "find_bubblewrap", lambda: None)
    with Sandbox(LIMITS, preload=()) as sandbox:
        assert sandbox.assessment.level == "good"
