"""Everything that this folder observes, observed once: one child process for all submissions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from support.diagnosis_bank import CASES, ROOT, Wanted, goldens_from, observe
from support.observed_files import (
    ACCEPTED,
    TOLD_APART,
    of_the_main_suite,
    wanted_variants,
)

from judge.exercise import Misconception, load_exercise, load_misconceptions
from judge.model import Exercise, Golden, Observation


@pytest.fixture(scope="session")
def exercise() -> Exercise:
    return load_exercise(ROOT)


@pytest.fixture(scope="session")
def misconceptions(exercise: Exercise) -> tuple[Misconception, ...]:
    return load_misconceptions(exercise)


@pytest.fixture(scope="session")
def observed(
    is_long: bool, misconceptions: tuple[Misconception, ...]
) -> Mapping[str, Observation]:
    """Of the variants those that this run has tests of."""
    variants = wanted_variants() if is_long else of_the_main_suite(wanted_variants())
    by_name = {m.name: m for m in misconceptions}
    two = tuple(case.id for case in CASES[:2])
    wanted = [Wanted("reference", (ROOT / "reference" / "solution.py").read_bytes())]
    wanted += [
        Wanted(f"misconceptions/{name}", by_name[name].source, two) for name in TOLD_APART if name in by_name
    ]
    wanted += [Wanted(f"accepted/{name}", _accepted(name).read_bytes(), (CASES[0].id,)) for name in ACCEPTED]
    return observe(wanted + variants)


@pytest.fixture(scope="session")
def goldens(observed: Mapping[str, Observation]) -> Mapping[str, Golden]:
    wrong = {
        name.partition("/")[2]: seen for name, seen in observed.items() if name.startswith("misconceptions/")
    }
    return goldens_from(observed["reference"], wrong, CASES[:2])


def _accepted(name: str) -> Path:
    return ROOT / "reference" / "accepted" / f"{name}.py"
