"""Whether the course of a run confirms a mistake that its numbers are those of, contradicts it, or does not say.

Numbers alone name no mechanism: statistics that a program corrects by hand can give those of a layer that it does not
have.  So a fingerprint is told as a fact about numbers, and as what the program did only where its course shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judge.diagnosis.context import Run
from judge.diagnosis.divergences import OUTPUT, divergence_on
from judge.diagnosis.fingerprint import Match

SHOWS_AT: Mapping[str, str] = {
    "wrong-seed": "the parameters at the gradient",
    "train-in-eval-mode": "the mode of the training pass",
    "update-not-applied": "the step",
    "update-partly-applied": "the step",
    "gradient-ascent": "the step",
    "extra-step": "the step",
    "lr-misused": "the step",
    "wrong-optimizer": "the step",
    "stale-batch-stats": "the statistics",
    "eval-in-train-mode": "the mode of the evaluation",
}
"""The stage of the course in which a mistake shows: where that agrees with the reference's, it was not made."""
MODEL_CHANGED = "model-changed"


def contradicted(run: Run, match: Match) -> bool:
    """Whether a case that tells this mistake from a right solution was seen to go well where it would show."""
    code = match.misconception.code
    if code not in SHOWS_AT and code != MODEL_CHANGED:
        return False
    course = [divergence_on(run, case)[1] for case in _numeric(run, match)]
    return any(SHOWS_AT.get(code) in agreed or OUTPUT in agreed for agreed in course)


def confirmed(run: Run, match: Match) -> bool:
    """Whether the first difference of every telling case is of this kind, as far as it is known."""
    code = match.misconception.code
    known = [
        divergence for case in _numeric(run, match) if (divergence := divergence_on(run, case)[0]) is not None
    ]
    if code == MODEL_CHANGED:
        # A function inside of the model is seen by what it makes of the right weights.
        return bool(known) and all(
            it.code == code or (it.stage == "the training loss" and not it.code) for it in known
        )
    if code in SHOWS_AT:
        return any(it.code == code for it in known) and all(it.code in (code, "") for it in known)
    return all(it.code in (code, "") for it in known)


def _numeric(run: Run, match: Match) -> Sequence[str]:
    return [case for case in match.telling if case in run.outcomes.compared]
