"""One grader for all gradings of a test process: its zygote imports jax once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from judge.grader import Grader

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def grader() -> Iterator[Grader]:
    with Grader(ROOT) as shared:
        yield shared
