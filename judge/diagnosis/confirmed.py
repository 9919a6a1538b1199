"""Whether the course of a run confirms a mistake that its numbers are those of, contradicts it, or does not say.

Numbers alone name no mechanism: statistics that a program corrects by hand can give those of a layer that it does not
have.  So a fingerprint is told as a fact about numbers, and as what the program did only where its course shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judge.diagnosis.context import Run
from judge.diagnosis.divergence.difference import Divergence
from judge.diagnosis.divergences import divergence_on
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
"""By the stage of a difference that a mistake declares, where it must show: if that agrees, it was not made.

At other stages a mistake can be made in part: a loss may be right in training and wrong in the evaluation.
"""


def contradicted(run: Run, match: Match) -> bool:
    """Whether a case that tells this mistake from a right solution was seen to go well where it would show."""
    stages = {SHOWS_AT[it.stage] for it in match.misconception.differences if it.stage in SHOWS_AT}
    if not stages:
        return False
    stages.add(Stage.EVALUATION_OUTPUT)
    return any(stages.intersection(divergence_on(run, case)[1]) for case in _numeric(run, match))


def confirmed(run: Run, match: Match) -> bool:
    """Whether the first difference of every telling case is of this kind, as far as it is known."""
    code = match.misconception.code
    known = [
        divergence for case in _numeric(run, match) if (divergence := divergence_on(run, case)[0]) is not None
    ]
    named = [(it, _is_named(run, it, code)) for it in known]
    stages = {it.stage for it in match.misconception.differences}
    if Stage.MODEL in stages:
        # A function inside of the model is seen by what it makes of the right weights.
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
    return [case for case in match.telling if case in run.outcomes.compared]
