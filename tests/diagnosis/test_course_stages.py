"""The first stage in which a course parts from the reference's."""

from __future__ import annotations

import pytest
from support.courses import LAYERS, course, differentiated, divergence, init, run_of_model, sums, updated

from judge.diagnosis.divergence.checkpoints import (
    checkpoints_of_golden,
    kept,
)
from judge.diagnosis.divergence.difference import ObservedPair
from judge.diagnosis.divergence.stages import STAGES
from judge.diagnosis.divergence.training import OF_UNSEEN_LOSS
from judge.model import Event
from judge.vocabulary import Shape, Stage


def test_the_same_course_differs_nowhere() -> None:
    assert divergence() is None
    given = checkpoints_of_golden(kept(course()))
    # Where a gradient was taken is not recorded of the reference: it is compared with its first parameters.
    recorded = [compare for stage, compare in STAGES if stage is not Stage.GRADIENT_PARAMS]
    assert all(compare(ObservedPair(given, given, {})) is True for compare in recorded)


@pytest.mark.parametrize(
    ("changed", "stage", "shape", "line"),
    [
        ({"init": init([0, 3])}, Stage.KEY, Shape.CHANGED, 5),
        ({"init": init([7, 3])}, Stage.KEY, Shape.CHANGED, 5),
        (
            {"init": init(layers=[LAYERS[0], ["BatchNorm_0", {"momentum": 0.99}, 8]])},
            Stage.MODEL,
            Shape.CHANGED,
            8,
        ),
        ({"init": init(variables={"params": [["fc/kernel", [3, 4]]]})}, Stage.MODEL, Shape.CHANGED, 5),
        ({"init": init(sums=sums(11.0))}, Stage.WEIGHTS, Shape.CHANGED, 5),
        ({"train": run_of_model(3, False, {})}, Stage.TRAINING_MODE, Shape.EVALUATING, 13),
        ({"loss": differentiated(8.0)}, Stage.TRAINING_LOSS, Shape.SCALED, None),
        ({"loss": differentiated(2.3)}, Stage.TRAINING_LOSS, None, None),
        (
            {"update": updated(-0.05), "last": run_of_model(5, False, sums(9.5, 0.5))},
            Stage.STEP,
            Shape.SCALED,
            None,
        ),
        (
            {"update": updated(0.1), "last": run_of_model(5, False, sums(11.0, 0.5))},
            Stage.STEP,
            Shape.SCALED_BY_MINUS_1,
            None,
        ),
        (
            {"update": updated(exact=False), "last": run_of_model(5, False, sums(8.0))},
            Stage.STEP,
            Shape.OTHER_RULE,
            None,
        ),
        ({"last": run_of_model(5, False, sums(10.0, 0.5))}, Stage.STEP, Shape.NOT_APPLIED, 15),
        ({"last": run_of_model(5, False, sums(9.0, 0.0))}, Stage.STATISTICS, Shape.STALE, 15),
        ({"last": run_of_model(5, False, sums(9.0, 0.7))}, Stage.STATISTICS, None, 15),
        (
            {"last": run_of_model(5, True, sums(9.0, 0.5))},
            Stage.EVALUATION_MODE,
            Shape.TRAINING,
            15,
        ),
        ({"last": run_of_model(5, False, sums(9.0, 0.5), 4.0)}, Stage.EVALUATION_OUTPUT, None, 15),
        ({"train": run_of_model(3, True, {}, batch=[3, 3])}, Stage.TRAINING_ROWS, Shape.LEFT_OUT, 13),
        ({"train": run_of_model(3, True, {}, batch=[3, 3], repeated=True)}, Stage.TRAINING_ROWS, None, 13),
        ({"train": run_of_model(3, True, {}, batch=[8, 3])}, Stage.TRAINING_ROWS, Shape.ADDED, 13),
        ({"train": run_of_model(3, True, {}, batch=[1, 4])}, Stage.TRAINING_ROWS, None, 13),
        (
            {"train": run_of_model(3, True, {}, batch_sums=[11.0, 7.0])},
            Stage.TRAINING_FEATURES,
            Shape.CHANGED,
            13,
        ),
        (
            {"last": run_of_model(5, False, sums(9.0, 0.5), 4.0, batch=[1, 3])},
            Stage.EVALUATION_ROWS,
            Shape.LEFT_OUT,
            15,
        ),
    ],
)
def test_the_first_difference_is_told(
    changed: dict[str, Event], stage: Stage, shape: Shape | None, line: int | None
) -> None:
    found = divergence(**changed)
    assert found is not None
    assert (found.stage, found.shape, found.line) == (stage, shape, line)


@pytest.mark.parametrize(("kernel", "direction"), [(9.5, "right"), (8.0, "right"), (11.0, "opposite")])
def test_a_step_of_another_length_is_told_where_the_loss_was_not_seen(kernel: float, direction: str) -> None:
    unseen = {"loss": differentiated(None), "update": updated(None)}
    assert divergence(**unseen) is None
    found = divergence(**unseen, last=run_of_model(5, False, sums(kernel, 0.5)))
    assert found is not None
    assert (found.stage, found.shape, found.follows) == (Stage.STEP, None, True)
    assert found.words == f"The parameters moved in the {direction} direction, {OF_UNSEEN_LOSS}"
