"""One grader for all gradings of a test process: its zygote imports jax once."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge.grader import Grader
from judge.model import Visibility

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def grader() -> Iterator[Grader]:
    with Grader(ROOT) as shared:
        yield shared


@pytest.fixture(scope="session")
def grader_of_public_cases(grader: Grader) -> Iterator[Grader]:
    """For what shows on any case of each shape: a fifth of the calls, and the same warm lane."""
    bench = copy.copy(grader.bench)
    bench.cases = tuple(case for case in bench.cases if case.visibility is Visibility.PUBLIC)
    assert {case.shape_key for case in bench.cases} == {case.shape_key for case in grader.bench.cases}
    with Grader.of(bench) as smaller:
        yield smaller


@pytest.fixture(params=["public cases", pytest.param("all cases", marks=pytest.mark.long)])
def grader_of_few(request: pytest.FixtureRequest) -> Grader:
    name = "grader_of_public_cases" if request.param == "public cases" else "grader"
    chosen: Grader = request.getfixturevalue(name)
    return chosen
