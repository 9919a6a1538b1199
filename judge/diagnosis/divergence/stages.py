"""Compares a run with the reference's stage by stage: the first difference is the nearest to a cause.

Key, model, initial weights, mode and batch of training, loss, step, statistics, mode and batch of evaluation.  A
difference counts only if the answer is wrong: some right solutions work in another way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from judge.diagnosis.divergence import initialisation, rows, training
from judge.diagnosis.divergence.difference import PARAMS, Divergence, ObservedPair, close, line_of
from judge.vocabulary import Shape, Stage

_SAME_STATE = 1e-4
_SAME_OUTPUT = 1e-5
_ROUNDING = 1e-6


def first_divergence(pair: ObservedPair) -> tuple[Divergence | None, tuple[Stage, ...]]:
    """Return the first difference, if there is one, and the stages before it that agree."""
    agreed: list[Stage] = []
    for stage, compare in STAGES:
        said = compare(pair)
        if isinstance(said, Divergence):
            return said, tuple(agreed)
        if said:
            agreed.append(stage)
    return None, tuple(agreed)


def statistics(pair: ObservedPair) -> Divergence | bool | None:
    mine, given = pair.submission, pair.reference
    paths = [p for p in given.final_variables if not p.startswith(PARAMS) and p in mine.final_variables]
    begin = given.initialisations[0].sums if given.initialisations else {}
    if not paths:
        return None
    if _same_variables(pair, paths, _SAME_STATE):
        return _same_variables(pair, paths, _ROUNDING) or None
    if all(p in begin and mine.final_variables[p] == begin[p] for p in paths):
        words = STALE if mine.trained is not None else INITIAL
        return Divergence(Stage.STATISTICS, Shape.STALE, words, line=line_of(mine.last), hint="apply")
    words = "The running statistics that the last evaluation used are not what they should be."
    return Divergence(Stage.STATISTICS, None, words, line=line_of(mine.last), hint="apply")


STALE = "The last evaluation used the running statistics from before the training pass."
INITIAL = "The last evaluation used the initial running statistics, and no training pass was seen before."


def evaluation(pair: ObservedPair) -> Divergence | bool | None:
    given, mine = pair.reference.last, pair.submission.last
    if given is None or mine is None or not given.norms or not mine.norms:
        return None
    if mine.trains and given.evaluates:
        words = (
            "In the evaluation, the model's last run, BatchNorm normalised with the batch's own statistics."
        )
        return Divergence(Stage.EVALUATION_MODE, Shape.TRAINING, words, line=mine.line, hint="apply")
    return True


def output(pair: ObservedPair) -> Divergence | bool | None:
    """Compare the model's output in the evaluation."""
    mine, given = pair.submission.output, pair.reference.output
    if not given or len(mine) != len(given):
        return None
    if all(close(a, b, _SAME_OUTPUT) for a, b in zip(mine, given, strict=True)):
        return True
    paths = [path for path in pair.reference.final_variables if path in pair.submission.final_variables]
    words = OTHER_OUTPUT
    if _same_variables(pair, paths, _ROUNDING):
        words = OTHER_MODEL_OUTPUT
    elif _same_variables(pair, paths, _SAME_STATE):
        words = f"{OTHER_OUTPUT} {NEARLY_RIGHT_VARIABLES}"
    return Divergence(Stage.EVALUATION_OUTPUT, None, words, line=line_of(pair.submission.last), hint="apply")


OTHER_OUTPUT = "What the model gave in its last run is not what it should be."
OTHER_MODEL_OUTPUT = (
    "What the model gave in its last run is not what the given model gives for the whole batch."
)
NEARLY_RIGHT_VARIABLES = (
    "The parameters or running statistics that it was given are nearly the right ones, and differ from them by more "
    "than rounding."
)


def _same_variables(pair: ObservedPair, paths: Sequence[str], relative: float) -> bool:
    """Return True if these variables of the last evaluation agree."""
    mine, given = pair.submission.final_variables, pair.reference.final_variables
    return all(close(mine[path], given[path], relative) for path in paths)


Compare = Callable[[ObservedPair], Divergence | bool | None]
"""Returns the difference; True if the two agree; None if that is unknown."""
STAGES: Sequence[tuple[Stage, Compare]] = (
    (Stage.KEY, initialisation.key),
    (Stage.MODEL, initialisation.model),
    (Stage.WEIGHTS, initialisation.weights),
    (Stage.GRADIENT_PARAMS, initialisation.gradient_params),
    (Stage.TRAINING_MODE, training.training),
    (Stage.TRAINING_ROWS, rows.training_rows),
    (Stage.TRAINING_FEATURES, rows.training_features),
    (Stage.TRAINING_LOSS, training.loss),
    (Stage.STEP, training.step),
    (Stage.STATISTICS, statistics),
    (Stage.EVALUATION_MODE, evaluation),
    (Stage.EVALUATION_ROWS, rows.evaluation_rows),
    (Stage.EVALUATION_OUTPUT, output),
)


def comes_first(divergence: Divergence) -> tuple[int, bool]:
    """Sort key of divergences: the earliest stage first, and in it the best known."""
    stages = [stage for stage, _ in STAGES]
    known = divergence.stage if divergence.stage in stages else Stage.MODEL
    return stages.index(known), divergence.weak
