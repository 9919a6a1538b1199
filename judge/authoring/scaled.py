"""Runs solutions with optimizers that scale their steps (`judge.inside.scaled_updates`), for the second look."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from judge.model import Case, Exercise, Visibility, WrongReturn
from judge.solutions.bank import Solution
from judge.solutions.calibration import relative_difference
from judge.solutions.runner import Runner, SolutionRunner

if TYPE_CHECKING:
    from judge.model import Float64Array

CASES = 3
"""Right solutions are run on this many cases: those on which the mistakes lie furthest apart."""


def has_second_look(case: Case) -> bool:
    """Return whether a submission may be run on this case with other optimizers: the result is shown to learners."""
    return case.visibility is Visibility.PUBLIC


def returns_when_scaled(
    exercise: Exercise, runner: Runner, solution: Solution, cases: Sequence[Case]
) -> dict[str, WrongReturn]:
    """Return what the solution returns with scaled optimizers, by case id."""
    with SolutionRunner(runner, exercise, solution.name, solution.source, scaled=True) as solution_runner:
        answers = {case.id: solution_runner.answer(case.inputs) for case in cases}
    return {case: WrongReturn(answer.value, answer.raises) for case, answer in answers.items()}


def furthest_apart(
    returned: Mapping[str, tuple[Float64Array | None, Sequence[Float64Array | None]]],
) -> list[str]:
    """Return the cases where the usual value and the scaled ones all differ, the clearest ones first."""
    apart = {
        case: _smallest_distance([usual, *scaled]) for case, (usual, scaled) in returned.items() if scaled
    }
    return sorted((case for case in apart if apart[case] > 0), key=lambda case: (-apart[case], case))[:CASES]


def _smallest_distance(values: Sequence[Float64Array | None]) -> float:
    """Return the distance relative to the smaller value; 0 where one is missing or has another shape."""
    known = [value for value in values if value is not None]
    if len(known) < len(values) or len({value.shape for value in known}) > 1:
        return 0.0
    return min(
        min(relative_difference(a, b), relative_difference(b, a)) for a, b in itertools.combinations(known, 2)
    )
