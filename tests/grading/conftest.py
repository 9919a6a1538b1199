"""A grader of few cases; that of all is in `tests/conftest.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from support.few_cases import FEW, loaded_exercise_of

from judge.grader import Grader
from judge.model import Report, Visibility
from judge.sandbox import Warm


@pytest.fixture(scope="session")
def grader_of_few_cases(grader: Grader) -> Iterator[Grader]:
    """For what shows on some case: a sixth of the calls, less than half of the shapes."""
    loaded = loaded_exercise_of(grader.loaded, FEW)
    assert {case.visibility for case in loaded.cases} == {Visibility.PUBLIC}
    with Grader.of(loaded, warm=Warm.FIRST) as smaller:
        yield smaller


@pytest.fixture(scope="session")
def graded(grader: Grader) -> Callable[[Path], Report]:
    """Grades a file on every case; a file that several tests compare with something is graded once."""
    return cache(grader.grade)
