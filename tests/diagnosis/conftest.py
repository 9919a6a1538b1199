"""Everything that this folder observes, observed once: one child process for all submissions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from diagnosis_bank import CASES, HERE, ROOT, Wanted, folder, goldens_from, observe

from judge.exercise import Misconception, load_exercise, load_misconceptions
from judge.model import Exercise, Golden, Observation

TOLD_APART = (
    # groups that return the same numbers, so that only structure can decide
    "stale-batch-stats",
    "batch-stats-optimized-and-kept",
    "stats-averaged-again",
    "model-momentum-default",
    "model-flag-inverted",
    "train-flags-swapped",
    "eval-before-step",
    "reinitialised-before-eval",
    "loss-not-mean",
    "lr-scaled-by-batch",
    # others, for the marks that they leave
    "eval-in-train-mode",
    "aux-swapped",
    "aux-unpacked-flat",
    "float-seed",
    "leaked-tracer",
    "missing-batch-stats",
    "missing-train-flag",
    "mutable-not-unpacked",
    "nested-batch-stats",
    "traced-train-flag",
    "eval-unpacked",
    "wrong-optimizer",
    "output-as-column",
    "non-numeric-output",
)
"""Misconceptions that are observed here; all of them are graded through the sandbox elsewhere."""
ACCEPTED = (
    "bound_module",
    "functional_apply",
    "jitted_train_state",
    "optax_chain",
    "popped_variables",
    "vjp_with_aux",
)


@pytest.fixture(scope="session")
def exercise() -> Exercise:
    return load_exercise(ROOT)


@pytest.fixture(scope="session")
def misconceptions(exercise: Exercise) -> tuple[Misconception, ...]:
    return load_misconceptions(exercise)


def wanted_variants() -> list[Wanted]:
    """The style variants: one case each is enough for structure; where numbers are compared it takes two."""
    folders = sorted(path for path in (HERE / "variants").iterdir() if path.is_dir())
    return [
        wanted
        for path in folders
        for wanted in folder(path, [case.id for case in CASES[: 2 if path.name == COURSE else 1]])
    ]


def of_the_main_suite(variants: Sequence[Wanted]) -> list[Wanted]:
    """The first wrong course of each code, and every other style of what else there is; the long suite has them all."""
    first = {wanted.name.partition("__")[0]: wanted for wanted in reversed(variants)}
    styles: Counter[str] = Counter()
    chosen = []
    for wanted in variants:
        folder_name = wanted.name.partition("/")[0]
        styles[folder_name] += 1
        if wanted is first[wanted.name.partition("__")[0]] and (
            folder_name == COURSE or styles[folder_name] % 2
        ):
            chosen.append(wanted)
    return chosen


def marked(variants: Sequence[Wanted]) -> list[object]:
    """Parameters of a test, those of the long suite with its mark."""
    main = {wanted.name for wanted in of_the_main_suite(wanted_variants())}
    return [
        pytest.param(it, id=it.name, marks=[] if it.name in main else pytest.mark.long) for it in variants
    ]


ALL_IN_LONG = pytest.mark.parametrize("suite", ["main", pytest.param("long", marks=pytest.mark.long)])
"""For tests that go through everything that was observed, which is more in the long suite."""

COURSE = "course"
"""Wrong solutions whose numbers are nobody's; the code that they must get begins the file's name."""


@pytest.fixture(scope="session")
def observed(
    request: pytest.FixtureRequest, misconceptions: tuple[Misconception, ...]
) -> Mapping[str, Observation]:
    """Of the variants those that this run has tests of."""
    is_long = any(item.get_closest_marker("long") for item in request.session.items)
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
