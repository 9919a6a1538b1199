"""Shared by all tests: Hypothesis without clocks, because this suite runs on shared and noisy machines; a grader."""

from __future__ import annotations

import compileall
import contextlib
import getpass
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from support.attack_table import pytest_terminal_summary  # noqa: F401 -- a hook
from support.few_cases import programs_for_few
from support.shares import pytest_collection_modifyitems, pytest_xdist_make_scheduler  # noqa: F401 -- hooks

from judge.grader import Grader, load_exercise_with_goldens
from judge.sandbox import Warm

settings.register_profile(
    "judge", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", settings.get_profile("judge"), max_examples=400)  # --hypothesis-profile
settings.load_profile("judge")

ROOT = Path(__file__).resolve().parents[1]
SMALL = ROOT / "tests" / "exercises" / "optax_sgd_step"

# In a container that sets this variable, every judge that a test starts would compile all of its modules again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_configure(config: pytest.Config) -> None:
    """Compile the judge once: zygotes, which write no bytecode, read what is there."""
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(ROOT / "judge", quiet=2)


# Started in the background by a shell, this process ignores SIGINT and so would the judges that the tests interrupt.
with contextlib.suppress(ValueError):  # not in the main thread
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def is_long(request: pytest.FixtureRequest) -> bool:
    """True in a run that has tests of the long suites: what they share is then made for all of them."""
    return any(item.get_closest_marker("long") for item in request.session.items)


@pytest.fixture(scope="session")
def grader(is_long: bool) -> Iterator[Grader]:
    """One for all gradings of the repository's exercise: it imports jax once and warms up once.

    The long suite warms up for every case with every file; the main one for few cases with two files.
    """
    loaded = load_exercise_with_goldens(ROOT)
    if not is_long:
        loaded.programs = programs_for_few(loaded)
    with Grader.of(loaded, warm=Warm.FIRST) as shared:
        yield shared


@pytest.fixture(scope="session")
def small_grader() -> Iterator[Grader]:
    """One of the small exercise, where it does not matter what is graded."""
    with Grader(SMALL, warm=Warm.NEVER) as shared:
        yield shared


# What the runner of Classroom 50 sets: tests of all formats render that one too; tests/reports/test_classroom50.py
# takes it away again.
os.environ.setdefault("LOGNAME", getpass.getuser())  # pytest names its folder by the user: not by USERNAME
os.environ.update(
    CLASSROOM="jax-101",
    ASSIGNMENT="bn-step",
    USERNAME="ann",
    SUBMISSION_TAG="submit/2026-11-29T10-00-00Z-a1b2c3d",
    COMMIT_URL="https://git.example/commit/a1b2c3d",
    RELEASE_URL="https://git.example/releases/tag/submit",
    REVIEW_URL="https://git.example/compare/0...a1b2c3d",
)
