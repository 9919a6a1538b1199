"""Some cases of an exercise, graded with the compiled programs and the warm lane of all of them.

A loaded of its own would build and warm up its own: a minute on a clean machine, and many seconds in each process.
"""

from __future__ import annotations

import copy
from collections.abc import Collection

from judge.grade import LoadedExercise


def loaded_exercise_of(whole: LoadedExercise, names: Collection[str]) -> LoadedExercise:
    """The exercise with the cases of these ids alone, in its order."""
    loaded = copy.copy(whole)
    loaded.cases = tuple(case for case in whole.cases if case.id in names)
    assert len(loaded.cases) == len(names)
    return loaded
