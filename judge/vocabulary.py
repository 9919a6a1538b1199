"""The words in which an exercise describes its misconceptions, and the engine what it saw.

Each word is named by what is *seen* in a run, never by the mistake that leads to it: the exercise declares which
mistake that is.  ``MISCONCEPTION`` in a file of ``reference/misconceptions/`` may hold

    "evidence": "unusual-momentum"                 what supports this mistake among those of equal numbers
    "blame": "last-evaluation"                     the place to show in the file
    "divergence": ["step: scaled by -1"]           first differences from the reference's run that are this mistake

The strings below the members are the documentation of the words, for authors as well (docs/authoring.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Evidence(StrEnum):
    """Observations in a run that distinguish mistakes of equal numbers."""

    UNUSUAL_MOMENTUM = "unusual-momentum"
    """Some BatchNorm layer has another momentum than every layer of the reference."""
    USUAL_MOMENTUM = "usual-momentum"
    """Every BatchNorm layer has the momentum of some layer of the reference."""
    INITIALISED_IN_TRAIN_MODE = "initialised-in-train-mode"
    """While the model was initialised, all its BatchNorm layers used the batch's own statistics."""
    INITIALISED_IN_EVALUATION_MODE = "initialised-in-evaluation-mode"
    """While the model was initialised, all its BatchNorm layers used their running averages."""
    UPDATES_NOT_ZERO = "updates-not-zero"
    """Contradicted where the optimizer's updates are zero although the learning rate is not; never supported."""
    NO_LATER_TRAINING_PASS = "no-later-training-pass"
    """Contradicted where the model ran in train mode after the differentiated pass; never supported."""
    INITIALISED_AGAIN = "initialised-again"
    """The model was initialised more than once in one call."""
    INITIALISED_ONCE = "initialised-once"
    """The model was initialised once in each call."""
    STEP_SIZE_AS_GIVEN = "step-size-as-given"
    """The optimizer's own step size is the learning rate of the case."""
    STEP_SIZE_CHANGED = "step-size-changed"
    """The optimizer's own step size is not the learning rate of the case."""


class Blame(StrEnum):
    """The place to show in the file for a mistake that no line was blamed for."""

    LAST_EVALUATION = "last-evaluation"
    """The model's last run after the training."""
    DIFFERENTIATED_PASS = "differentiated-pass"
    """The model's run inside of the first differentiation."""
    EXTRA_TRAINING_PASS = "extra-training-pass"
    """The last run in train mode that is not the differentiated one."""
    FIRST_INIT = "first-init"
    """The first initialisation of the model."""
    SECOND_INIT = "second-init"
    """The last initialisation of the model where there are several, else as `apply-updates`."""
    MODEL = "model"
    """The first BatchNorm layer; the definition around it where the structure does not show the mistake."""
    OPTIMIZER_INIT = "optimizer-init"
    """The first `init` of an optimizer."""
    APPLY_UPDATES = "apply-updates"
    """The line on which updates are added to parameters, else the first update."""
    RETURNED_LOSS = "returned-loss"
    """The differentiated function's return value; the entry point's where the training loss is right."""


class Stage(StrEnum):
    """A stage of a run, compared with the same stage of the reference's."""

    KEY = "key"
    MODEL = "model"
    INPUT = "input"
    WEIGHTS = "weights"
    GRADIENT_PARAMS = "gradient-params"
    TRAINING_MODE = "training-mode"
    TRAINING_ROWS = "training-rows"
    TRAINING_FEATURES = "training-features"
    TRAINING_LOSS = "training-loss"
    STEP = "step"
    STATISTICS = "statistics"
    EVALUATION_MODE = "evaluation-mode"
    EVALUATION_ROWS = "evaluation-rows"
    EVALUATION_OUTPUT = "evaluation-output"
    ANSWER = "answer"

    @property
    def words(self) -> str:
        """The stage in words, as it follows "the first thing that differs is"."""
        return _STAGES[self]


_STAGES: Mapping[Stage, str] = {
    Stage.KEY: "the key",
    Stage.MODEL: "the model",
    Stage.INPUT: "the model's input",
    Stage.WEIGHTS: "the initial weights",
    Stage.GRADIENT_PARAMS: "the parameters at the gradient",
    Stage.TRAINING_MODE: "the mode of the training pass",
    Stage.TRAINING_ROWS: "the rows of the training pass",
    Stage.TRAINING_FEATURES: "the features of the training pass",
    Stage.TRAINING_LOSS: "the training loss",
    Stage.STEP: "the step",
    Stage.STATISTICS: "the statistics",
    Stage.EVALUATION_MODE: "the mode of the evaluation",
    Stage.EVALUATION_ROWS: "the rows of the evaluation",
    Stage.EVALUATION_OUTPUT: "the output of the evaluation",
    Stage.ANSWER: "the answer",
}


class Shape(StrEnum):
    """The way in which a stage differs."""

    CHANGED = "changed"
    """It differs, in any way."""
    ROUNDED = "rounded"
    """It is the right number, or made from it, with digits missing."""
    DERIVED = "derived"
    """It is not the key of a whole number: it was split, folded or made by another generator."""
    CONSTANT = "constant"
    """It is the same in all cases, although the cases ask for different ones."""
    SCALED = "scaled"
    """It is what it should be times a positive factor; for a step, any factor but 1 and -1."""
    SCALED_BY_MINUS_1 = "scaled by -1"
    """It is as long as it should be and points in the opposite direction."""
    SCALED_BY_HALF = "scaled by 1/2"
    """It is half of what it should be in every case."""
    SCALED_BY_2 = "scaled by 2"
    """It is twice what it should be in every case."""
    SCALED_BY_N = "scaled by N"
    """It is N times what it should be, N being the number of rows, in every case."""
    SCALED_BY_1_OVER_N = "scaled by 1/N"
    """It is 1/N of what it should be, N being the number of rows, in every case."""
    SCALED_BY_HALF_N = "scaled by N/2"
    """It is N/2 times what it should be, N being the number of rows, in every case."""
    SCALED_BY_2N = "scaled by 2N"
    """It is 2N times what it should be, N being the number of rows, in every case."""
    SCALED_BY_N_OVER_N_MINUS_1 = "scaled by N/(N-1)"
    """It is too large by N/(N-1), N being the number of rows, in every case."""
    LEFT_OUT = "left out"
    """A part of it is missing."""
    ADDED = "added"
    """There is more of it than there should be."""
    REORDERED = "reordered"
    """The rows are in another order, and the loss is not that of the same order of targets."""
    IN_PARTS = "in parts"
    """It is computed in parts of different sizes."""
    NOT_APPLIED = "not applied"
    """The evaluation uses the parameters from before it, or a frozen optimizer makes it zero."""
    PARTLY_APPLIED = "partly applied"
    """Some parameters do not move, and the others move as they should."""
    REPEATED = "repeated"
    """There is more than one: from a second gradient, or from adding updates more than once."""
    OTHER_RULE = "other rule"
    """It is not a multiple of the gradients: another optimizer makes it."""
    WEIGHT_DECAY = "weight decay"
    """Besides, all parameters shrink by the same part of themselves."""
    STALE = "stale"
    """They are those from before the training pass."""
    EVALUATING = "evaluating"
    """Every BatchNorm layer uses its running averages."""
    TRAINING = "training"
    """BatchNorm uses the batch's own statistics."""


FACTORS = (
    Shape.SCALED_BY_HALF,
    Shape.SCALED_BY_2,
    Shape.SCALED_BY_N,
    Shape.SCALED_BY_1_OVER_N,
    Shape.SCALED_BY_HALF_N,
    Shape.SCALED_BY_2N,
    Shape.SCALED_BY_N_OVER_N_MINUS_1,
)
"""Meaningful factors, N being the number of rows; the plainest first."""

SHAPES: Mapping[Stage, tuple[Shape, ...]] = {
    Stage.KEY: (Shape.CHANGED, Shape.ROUNDED, Shape.DERIVED, Shape.CONSTANT),
    Stage.MODEL: (Shape.CHANGED,),
    Stage.INPUT: (Shape.CHANGED, Shape.LEFT_OUT),
    Stage.WEIGHTS: (Shape.CHANGED,),
    Stage.TRAINING_MODE: (Shape.EVALUATING,),
    Stage.TRAINING_ROWS: (Shape.LEFT_OUT, Shape.ADDED, Shape.REPEATED),
    Stage.TRAINING_FEATURES: (Shape.CHANGED,),
    Stage.TRAINING_LOSS: (Shape.SCALED, *FACTORS, Shape.REORDERED),
    Stage.STEP: (
        Shape.SCALED,
        Shape.SCALED_BY_MINUS_1,
        *FACTORS,
        Shape.CONSTANT,
        Shape.NOT_APPLIED,
        Shape.PARTLY_APPLIED,
        Shape.REPEATED,
        Shape.OTHER_RULE,
        Shape.WEIGHT_DECAY,
    ),
    Stage.STATISTICS: (Shape.STALE,),
    Stage.EVALUATION_MODE: (Shape.TRAINING,),
    Stage.EVALUATION_ROWS: (Shape.LEFT_OUT, Shape.IN_PARTS),
    Stage.ANSWER: (Shape.ROUNDED, Shape.SCALED, *FACTORS),
}
"""The shapes in which each stage can differ. At other stages a difference has no shape of its own."""

SPECIAL = frozenset(
    {Shape.ROUNDED, Shape.DERIVED, Shape.CONSTANT, Shape.WEIGHT_DECAY, Shape.IN_PARTS, *FACTORS}
)
"""Shapes so specific that the page of the one misconception that declares them is shown, not that of its code."""


@dataclass(frozen=True)
class Difference:
    """A stage and a shape: ``step: scaled by -1``."""

    stage: Stage
    shape: Shape

    def __str__(self) -> str:
        return f"{self.stage}: {self.shape}"


DIFFERENCES: Mapping[str, Difference] = {
    str(it): it for it in (Difference(stage, shape) for stage, shapes in SHAPES.items() for shape in shapes)
}
"""Every difference that an exercise can name, by its words."""
