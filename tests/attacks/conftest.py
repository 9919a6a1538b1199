"""The harnesses that the attacks run in: one that confines, and one that does not for the positive controls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from judge.selftest.harness import AttackHarness


@pytest.fixture(scope="session")
def arena() -> Iterator[AttackHarness]:
    with AttackHarness() as one:
        yield one


@pytest.fixture(scope="session")
def unconfined() -> Iterator[AttackHarness]:
    with AttackHarness(unconfined=True) as one:
        yield one
