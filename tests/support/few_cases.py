"""Some cases of an exercise, graded with the compiled programs and the warm lane of the exercise that they are from.

An exercise that is loaded for itself builds and warms up its own: a minute on a clean machine, and many seconds in each
process.
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from dataclasses import replace

from judge.grade import LoadedExercise
from judge.sandbox.warmup.manager import CompiledPrograms

FEW = ("scales/unequal-features", "steps/zero-rate", "steps/large-rate")
"""Public cases of three shapes that show every wrong solution of the bank: the seed has a fraction in one and is beyond
2**24 in another, the rate is 0 in one and 2 in another, and both of these have rows for several batches."""


def loaded_exercise_of(whole: LoadedExercise, names: Collection[str]) -> LoadedExercise:
    """The exercise with the cases of these ids alone, in its order."""
    loaded = copy.copy(whole)
    loaded.cases = tuple(case for case in whole.cases if case.id in names)
    assert len(loaded.cases) == len(names)
    return loaded


def programs_for_few(whole: LoadedExercise) -> CompiledPrograms:
    """Compiled programs for the `FEW` cases and the author's first files: built in seconds, not in a minute."""
    programs = CompiledPrograms(whole.exercise, [case for case in whole.cases if case.id in FEW])
    programs.plan = replace(programs.plan, sources=programs.plan.sources[: programs.plan.asked])
    return programs
