"""Where the course of a run parts from the reference's, stage by stage: the first difference is the nearest to a cause.

Key, model, initial weights, mode and batch of training, loss, step, statistics, mode and batch of evaluation.  A
difference counts only where the answer is wrong: there are right solutions that go about their work in another way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from judge.diagnosis.divergence import initialisation
from judge.diagnosis.divergence import rows as rows
from judge.diagnosis.divergence import training as training
from judge.diagnosis.divergence.difference import PARAMS, Divergence, ObservedPair, close, line_of

_SAME_STATE = 1e-4
_SAME_OUTPUT = 1e-5


@dataclass(frozen=True)
class Stage:
    name: str
    """As it goes on after "the first thing that differs is"."""
    look: Callable[[ObservedPair], Divergence | bool | None]
    """The difference; True when the two agree; None when it is not known."""


def first_divergence(pair: ObservedPair) -> tuple[Divergence | None, tuple[str, ...]]:
    """The first difference, if there is one, and the stages before it that agree."""
    agreed: list[str] = []
    for stage in STAGES:
        said = stage.look(pair)
        if isinstance(said, Divergence):
            return said, tuple(agreed)
        if said:
            agreed.append(stage.name)
    return None, tuple(agreed)


def statistics(pair: ObservedPair) -> Divergence | bool | None:
    mine, given = pair.submission, pair.reference
    paths = [p for p in given.final_variables if not p.startswith(PARAMS) and p in mine.final_variables]
    begin = given.initialisations[0].sums if given.initialisations else {}
    if not paths:
        return None
    if all(close(mine.final_variables[p], given.final_variables[p], _SAME_STATE) for p in paths):
        return True
    if all(p in begin and mine.final_variables[p] == begin[p] for p in paths):
        words = "The last evaluation used the running statistics from before the training pass."
        return Divergence("the statistics", "stale-batch-stats", words, line=line_of(mine.last), hint="apply")
    words = "The running statistics that the last evaluation used are others than they should be."
    return Divergence("the statistics", "", words, line=line_of(mine.last), hint="apply")


def evaluation(pair: ObservedPair) -> Divergence | bool | None:
    given, mine = pair.reference.last, pair.submission.last
    if given is None or mine is None or not given.norms or not mine.norms:
        return None
    if mine.trains and given.evaluates:
        words = (
            "In the evaluation, the model's last run, BatchNorm normalised with the batch's own statistics."
        )
        return Divergence(
            "the mode of the evaluation", "eval-in-train-mode", words, line=mine.line, hint="apply"
        )
    return True


def output(pair: ObservedPair) -> Divergence | bool | None:
    """What the model gave in the evaluation."""
    mine, given = pair.submission.output, pair.reference.output
    if not given or len(mine) != len(given):
        return None
    if all(close(a, b, _SAME_OUTPUT) for a, b in zip(mine, given, strict=True)):
        return True
    words = "What the model gave in its last run is not what the given model gives for the whole batch."
    return Divergence(
        "the output of the evaluation", "", words, line=line_of(pair.submission.last), hint="apply"
    )


STAGES: Sequence[Stage] = (
    Stage("the key", initialisation.key),
    Stage("the model", initialisation.model),
    Stage("the initial weights", initialisation.weights),
    Stage("the parameters at the gradient", initialisation.point),
    Stage("the mode of the training pass", training.training),
    Stage(rows.TRAINING, rows.training_rows),
    Stage(rows.FEATURES, rows.training_features),
    Stage("the training loss", training.loss),
    Stage("the step", training.step),
    Stage("the statistics", statistics),
    Stage("the mode of the evaluation", evaluation),
    Stage(rows.EVALUATION, rows.evaluation_rows),
    Stage("the output of the evaluation", output),
)


def comes_first(divergence: Divergence) -> tuple[int, bool]:
    """Sorts divergences: the earliest stage first, and in it what is known best."""
    names = [stage.name for stage in STAGES]
    stage = names.index(divergence.stage) if divergence.stage in names else names.index("the model")
    return stage, divergence.weak
