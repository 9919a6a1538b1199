"""The live reference: the right answer for inputs without goldens, and how certain it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from judge.closing import Closing
from judge.compare import is_within
from judge.exercise.cases import digest_of_inputs
from judge.exercise.golden_file import read_golden_file
from judge.exercise.solution_keys import is_accepted
from judge.exercise.tolerance import ONE_ULP, scale_of
from judge.model import Exercise, Inputs, Limits, StaleGoldensError
from judge.solutions.bank import Role, Solution, reference_solution, right_solutions
from judge.solutions.calibration import (
    PERTURBATIONS,
    Calibration,
    calibrate,
    perturbed,
    relative_difference,
)
from judge.solutions.runner import AUTHOR_LIMITS, Runner, SolutionRunner

if TYPE_CHECKING:
    from judge.model import Float64Array

CROSS_CHECKS = 3
"""Accepted variants that have to confirm a failure: those that were noisiest on the recorded cases."""

MARGIN = 0.5
"""The share of the bound that fresh inputs may use: fewer right solutions are run on them than on recorded cases."""

_QUICK_PERTURBATIONS = 3
"""Small changes tried per fresh input; a failure that is shown is measured with all ``PERTURBATIONS``."""


@dataclass(frozen=True)
class ExpectedAnswer:
    """The right value for one input; ``usable`` is False where right solutions disagree too much to judge others."""

    expected: Float64Array
    calibration: Calibration
    usable: bool


class LiveReference(Closing):
    """The reference, the oracle and a few accepted variants; each input is run once.

    Use as a context manager; several fuzzers can share one.
    """

    def __init__(self, exercise: Exercise, runner: Runner, limits: Limits = AUTHOR_LIMITS) -> None:
        self._exercise = exercise
        reference = reference_solution(exercise)
        noisiest = noisiest_variants(exercise)

        def runner_of(solution: Solution) -> SolutionRunner:
            return SolutionRunner(runner, exercise, solution.name, solution.source, limits)

        others = right_solutions(exercise)
        self._reference = runner_of(reference)
        self._oracle = next((runner_of(s) for s in others if s.role is Role.ORACLE), None)
        self._cross_checks = [runner_of(s) for s in others if s.key in noisiest]
        self._expected: dict[str, Float64Array | None] = {}
        self._rights: dict[str, ExpectedAnswer] = {}

    def close(self) -> None:
        for solution_runner in (self._reference, self._oracle, *self._cross_checks):
            if solution_runner is not None:
                solution_runner.close()

    def expected(self, inputs: Inputs) -> Float64Array | None:
        """Return the reference's answer; None where it is not finite or 0, so that nothing can be compared with it."""
        digest = digest_of_inputs(inputs)
        if digest not in self._expected:
            value = self._reference.require(inputs, "a fresh draw")
            usable = np.isfinite(value).all() and scale_of(value) > 0
            self._expected[digest] = value if usable else None
        return self._expected[digest]

    def closeness(self) -> float:
        """Return the minimum relative tolerance of every input."""
        return self._exercise.tolerance.ulps * 2.0**-24

    def calibrated(self, inputs: Inputs, expected: Float64Array) -> ExpectedAnswer:
        """Measure the noise of this input with the oracle and with small changes of the input."""
        digest = digest_of_inputs(inputs)
        if digest not in self._rights:
            self._rights[digest] = self._calibrate(inputs, expected, _QUICK_PERTURBATIONS)
        return self._rights[digest]

    def _calibrate(self, inputs: Inputs, expected: Float64Array, perturbations: int) -> ExpectedAnswer:
        rule = self._exercise.tolerance
        noise_from: dict[str, float] = {}
        if self._oracle is not None:
            value = self._oracle.require(inputs, "a fresh draw")
            noise_from["oracle"] = relative_difference(value, expected)
        if noise_from.get("oracle", 0.0) * rule.spread_factor <= rule.bound * MARGIN:
            moved = (
                relative_difference(self._reference.require(near, "a fresh draw"), expected)
                for near in perturbed(inputs, perturbations)
            )
            noise_from[ONE_ULP] = max(moved)
        calibration = calibrate(expected, noise_from, rule)
        return ExpectedAnswer(
            expected, calibration, usable=calibration.relative_tolerance <= rule.bound * MARGIN
        )

    def confirmed(self, inputs: Inputs, expected: Float64Array) -> ExpectedAnswer | None:
        """Return a calibration with more changes of the input, if the accepted variants agree with it; else None.

        Slow, since some variants compile on every call: only for the few inputs on which a submission is called wrong.
        """
        right = self._calibrate(inputs, expected, PERTURBATIONS)
        for solution_runner in self._cross_checks:
            if not is_within(
                solution_runner.require(inputs, "a fresh draw"), expected, right.calibration.tolerance
            ):
                return None
        return right if right.usable else None


def noisiest_variants(exercise: Exercise, count: int = CROSS_CHECKS) -> frozenset[str]:
    """Return the accepted variants that were most often farthest from the reference when goldens were recorded."""
    votes: Counter[str] = Counter()
    for path in sorted(exercise.goldens_dir.glob("*.json")):
        try:
            recorded = read_golden_file(path).cases.values()
        except StaleGoldensError:
            continue
        for record in recorded:
            variants: Mapping[str, float] = {
                name: noise for name, noise in record.noise_from.items() if is_accepted(name)
            }
            ranked = sorted(variants, key=lambda name: (-variants[name], name))
            votes.update(ranked[:count])
    return frozenset(sorted(votes, key=lambda name: (-votes[name], name))[:count])
