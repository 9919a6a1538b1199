"""Compares a mistake matched by its numbers with the course of the run: confirmed, contradicted or neither.

Numbers alone do not show how they were computed: statistics that a program corrects by hand can equal those of a
layer that it does not have.  So a fingerprint is reported as a fact about numbers, and as what the program did only
if the course of the run shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judge.diagnosis.context import Run
from judge.diagnosis.divergence.difference import Divergence
from judge.diagnosis.fingerprint import Match
from judge.vocabulary import Stage

SHOWS_AT: Mapping[Stage, Stage] = {
    Stage.KEY: Stage.GRADIENT_PARAMS,
    Stage.MODEL: Stage.EVALUATION_OUTPUT,
    Stage.TRAINING_MODE: Stage.TRAINING_MODE,
    Stage.STEP: Stage.STEP,
    Stage.STATISTICS: Stage.STATISTICS,
    Stage.EVALUATION_MODE: Stage.EVALUATION_MODE,
}
"""Maps the stage that a mistake declares to the stage where it must show: if that agrees, it was not made.

At other stages a mistake can be made in part: a loss may be right in training and wrong in the evaluation."""


def contradicted(run: Run, match: Match) -> bool:
    """Return True if a case that distinguishes this mistake from a right solution agrees where it would show."""
    stages = {SHOWS_AT[it.stage] for it in match.misconception.differences if it.stage in SHOWS_AT}
    if not stages:
        return False
    stages.add(Stage.EVALUATION_OUTPUT)
    return any(stages.intersection(run.first_difference(case)[1]) for case in _numeric(run, match))


def confirmed(run: Run, match: Match) -> bool:
    """Return True if the first differences of the distinguishing cases, as far as known, fit this mistake."""
    code = match.misconception.code
    known = [
        divergence
        for case in _numeric(run, match)
        if (divergence := run.first_difference(case)[0]) is not None
    ]
    named = [(it, _is_named(run, it, code)) for it in known]
    stages = {it.stage for it in match.misconception.differences}
    if Stage.MODEL in stages:
        # A function inside of the model shows only in what it computes from the right weights.
        return bool(named) and all(
            is_it or (it.stage is Stage.TRAINING_LOSS and it.shape is None) for it, is_it in named
        )
    if stages & SHOWS_AT.keys() and not any(is_it for _, is_it in named):
        return False
    return all(is_it or it.shape is None for it, is_it in named)


def _is_named(run: Run, divergence: Divergence, code: str) -> bool:
    """Return True if the exercise gives this code to this difference."""
    named = run.named(divergence)
    return named is not None and named.code == code


def _numeric(run: Run, match: Match) -> Sequence[str]:
    return [case for case in match.distinguishing if case in run.outcomes.compared]
