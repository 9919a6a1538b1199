"""No test of a batch waits as long as a batch waits before it tries again what the judge failed on."""

from __future__ import annotations

import pytest

from judge.batch import pool


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "PAUSES_S", tuple(0.0 for _ in pool.PAUSES_S))
