"""The first stage in which a course parts from the reference's."""

from __future__ import annotations

import pytest
from courses import LAYERS, course, differentiated, init, parting, run_of_model, sums, updated

from judge.diagnosis.outline import kept, outline_of_golden
from judge.diagnosis.parting import Pair
from judge.diagnosis.stages import STAGES
from judge.diagnosis.stages_of_rows import TRAINING as TRAINING_ROWS
from judge.model import Event


def test_the_same_course_parts_nowhere() -> None:
    assert parting() is None
    given = outline_of_golden(kept(course()))
    # Where a gradient was taken is not recorded of the reference: it is compared with its first parameters.
    recorded = [stage for stage in STAGES if stage.name != "the parameters at the gradient"]
    assert all(stage.look(Pair(given, given, {})) is True for stage in recorded)


@pytest.mark.parametrize(
    ("changed", "stage", "code", "line"),
    [
        ({"init": init([0, 3])}, "the key", "wrong-seed", 5),
        ({"init": init([7, 3])}, "the key", "wrong-seed", 5),
        (
            {"init": init(layers=[LAYERS[0], ["BatchNorm_0", {"momentum": 0.99}, 8]])},
            "the model",
            "model-changed",
            8,
        ),
        ({"init": init(variables={"params": [["fc/kernel", [3, 4]]]})}, "the model", "model-changed", 5),
        ({"init": init(sums=sums(11.0))}, "the initial weights", "model-changed", 5),
        ({"train": run_of_model(3, False, {})}, "the mode of the training pass", "train-in-eval-mode", 13),
        ({"loss": differentiated(8.0)}, "the training loss", "loss-not-mean", None),
        ({"loss": differentiated(2.3)}, "the training loss", "", None),
        (
            {"update": updated(-0.05), "last": run_of_model(5, False, sums(9.5, 0.5))},
            "the step",
            "lr-misused",
            None,
        ),
        (
            {"update": updated(0.1), "last": run_of_model(5, False, sums(11.0, 0.5))},
            "the step",
            "gradient-ascent",
            None,
        ),
        (
            {"update": updated(exact=False), "last": run_of_model(5, False, sums(8.0))},
            "the step",
            "wrong-optimizer",
            None,
        ),
        ({"last": run_of_model(5, False, sums(10.0, 0.5))}, "the step", "update-not-applied", 15),
        ({"last": run_of_model(5, False, sums(9.0, 0.0))}, "the statistics", "stale-batch-stats", 15),
        ({"last": run_of_model(5, False, sums(9.0, 0.7))}, "the statistics", "", 15),
        (
            {"last": run_of_model(5, True, sums(9.0, 0.5))},
            "the mode of the evaluation",
            "eval-in-train-mode",
            15,
        ),
        ({"last": run_of_model(5, False, sums(9.0, 0.5), 4.0)}, "the output of the evaluation", "", 15),
        ({"train": run_of_model(3, True, {}, batch=[3, 3])}, TRAINING_ROWS, "rows-left-out", 13),
        ({"train": run_of_model(3, True, {}, batch=[3, 3], repeated=True)}, TRAINING_ROWS, "", 13),
        ({"train": run_of_model(3, True, {}, batch=[8, 3])}, TRAINING_ROWS, "stats-from-other-batch", 13),
        ({"train": run_of_model(3, True, {}, batch=[1, 4])}, TRAINING_ROWS, "", 13),
        (
            {"train": run_of_model(3, True, {}, batch_sums=[11.0, 7.0])},
            "the features of the training pass",
            "features-changed",
            13,
        ),
        (
            {"last": run_of_model(5, False, sums(9.0, 0.5), 4.0, batch=[1, 3])},
            "the rows of the evaluation",
            "rows-left-out",
            15,
        ),
    ],
)
def test_the_first_difference_is_told(
    changed: dict[str, Event], stage: str, code: str, line: int | None
) -> None:
    found = parting(**changed)
    assert found is not None
    assert (found.stage, found.code, found.line) == (stage, code, line)
