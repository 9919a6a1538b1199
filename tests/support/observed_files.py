"""The files that this folder observes, and which of them the main suite has tests of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from support.diagnosis_bank import CASES, ROOT, Wanted, folder

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


def wanted_variants() -> list[Wanted]:
    """The style variants: one case each is enough for structure; where numbers are compared it takes two."""
    folders = sorted(path for path in (ROOT / "tests/diagnosis/variants").iterdir() if path.is_dir())
    return [
        wanted
        for path in folders
        for wanted in folder(path, [case.id for case in CASES[: 2 if path.name == COURSE else 1]])
    ]


def of_the_main_suite(variants: Sequence[Wanted]) -> list[Wanted]:
    """The first wrong course of each code, and every third style of what else there is; the long suite has them all."""
    first = {wanted.name.partition("__")[0]: wanted for wanted in reversed(variants)}
    styles: Counter[str] = Counter()
    chosen = []
    for wanted in variants:
        folder_name = wanted.name.partition("/")[0]
        styles[folder_name] += 1
        if wanted is first[wanted.name.partition("__")[0]] and (
            folder_name == COURSE or styles[folder_name] % 3 == 1
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
