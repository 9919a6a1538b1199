"""Whether the reference, where it runs now, still gives what was recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from judge.authoring.bank import reference_solution
from judge.authoring.players import Player, Runner
from judge.authoring.progress import Step
from judge.model import Case, Exercise, Golden


def reproduce(
    exercise: Exercise,
    runner: Runner,
    cases: Sequence[Case],
    goldens: Mapping[str, Golden],
    step: Step = lambda word: None,
) -> list[str]:
    """Run the reference on every case; one line per case whose value lies outside of its tolerance.

    Empty when all is well.  Raises ExerciseError when the reference fails.
    """
    solution = reference_solution(exercise)
    differences = []
    with Player(runner, exercise, solution.name, solution.source) as player:
        for case in cases:
            golden = goldens[case.id]
            value = player.require(case.inputs, case.id)
            away = float(np.abs(value - golden.expected).max())
            if not away <= golden.tolerance:
                old, new = golden.expected.ravel(), value.ravel()
                worst = int(np.nanargmax(np.abs(new - old))) if np.isfinite(new).any() else 0
                differences.append(
                    f"{case.id}: recorded {old[worst]:.9g}, now {new[worst]:.9g} "
                    f"(tolerance {golden.tolerance:.2g})"
                )
            step(case.id)
    return differences
