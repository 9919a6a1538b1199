"""No test of a batch waits as long as a batch waits before it tries again what the judge failed on."""

from __future__ import annotations

import pytest

from judge import retry


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "PAUSES_S", tuple(0.0 for _ in retry.PAUSES_S))
