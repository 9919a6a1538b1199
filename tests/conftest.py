"""Shared by all tests: Hypothesis without clocks, because this suite runs on shared and noisy machines; a grader."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from attack_table import pytest_terminal_summary  # noqa: F401 -- a hook
from hypothesis import HealthCheck, settings
from shares import pytest_collection_modifyitems, pytest_xdist_make_scheduler  # noqa: F401 -- hooks

from judge.grader import Grader

settings.register_profile(
    "judge", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("judge")

ROOT = Path(__file__).resolve().parents[1]

# Started in the background by a shell, this process ignores SIGINT and so would the judges that the tests interrupt.
with contextlib.suppress(ValueError):  # not in the main thread
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def grader() -> Iterator[Grader]:
    """One for all gradings of the repository's exercise: it imports jax once and warms up once."""
    with Grader(ROOT) as shared:
        yield shared
