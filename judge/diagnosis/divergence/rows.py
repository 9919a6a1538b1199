"""The model's input in training and in the evaluation: rows that are left out, and features that were changed.

Each stage returns the difference (a `Divergence`), True if the two runs agree, or None if that is unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from judge.diagnosis.divergence.checkpoints import Sum, batch_of
from judge.diagnosis.divergence.difference import Divergence, ObservedPair, close
from judge.diagnosis.other_places import way_of_moving
from judge.inside.probes.checksums import sums_of
from judge.vocabulary import Shape, Stage
from judge.wire import MAX_REPEATS

if TYPE_CHECKING:
    from judge.model import Float64Array, Inputs
    from judge.trace import ProbeEvent

_SAME_BATCH = 1e-5


def training_rows(pair: ObservedPair) -> Divergence | bool | None:
    """Compare the input shape of the model's differentiated pass."""
    given, mine = pair.reference.trained, pair.submission.trained
    if given is None or mine is None or given.batch is None or mine.batch is None:
        return None
    if given.batch == mine.batch:
        return True
    again = pair.submission.second_gradient
    if again is not None and mine.batch[0] < given.batch[0]:
        words = (
            "The model was trained on fewer rows at a time than the batch has, and a gradient was taken at parameters "
            "that had been stepped already."
        )
        title = "More than one step was taken"
        return Divergence(
            Stage.TRAINING_ROWS, Shape.REPEATED, words, title, line=again.line, hint=again.text("api")
        )
    title = "Rows are left out of the training pass"
    return _other_rows(
        Stage.TRAINING_ROWS,
        "training pass",
        title,
        mine,
        given.batch,
        alone=len(pair.submission.training) == 1,
    )


def training_features(pair: ObservedPair) -> Divergence | bool | None:
    """Compare the input of the model's differentiated pass, by checksum."""
    given, mine = pair.reference.trained, pair.submission.trained
    if given is None or mine is None or given.batch != mine.batch:
        return None
    wanted, found = batch_of(given), batch_of(mine)
    if wanted is None or found is None:
        return None
    if close(found, wanted, _SAME_BATCH):
        return True
    if abs(found.size - wanted.size) <= _SAME_BATCH * wanted.size:
        return _other_places(pair, mine, found)
    return Divergence(
        Stage.TRAINING_FEATURES, Shape.CHANGED, OTHER_FEATURES, WERE_CHANGED, line=mine.line, hint="apply"
    )


OTHER_FEATURES = "In the training pass the model was run on other features than those that were given."
WERE_CHANGED = "The features were changed before the model saw them"


def _other_places(pair: ObservedPair, mine: ProbeEvent, found: Sum) -> Divergence | None:
    """Return the difference if the batch's numbers are known to have moved to other columns."""
    batch = _batch_of(pair.inputs, mine.batch or ())
    if batch is None or batch.ndim != 2:
        return None
    how = way_of_moving(found, batch, partial(close, relative=_SAME_BATCH))
    if not how:
        return None  # other signs; or rows in another order, which can be right
    words = f"In the training pass the model was run on the batch {how}."
    return Divergence(
        Stage.TRAINING_FEATURES, Shape.CHANGED, words, WERE_CHANGED, line=mine.line, hint="apply"
    )


def _batch_of(inputs: Inputs, shape: tuple[int, ...]) -> Float64Array | None:
    """The only input of this shape, in float64; None if there is not exactly one."""
    import numpy as np

    found = [value for value in inputs.values() if isinstance(value, np.ndarray) and value.shape == shape]
    return found[0].astype(np.float64) if len(found) == 1 else None


IN_ANOTHER_SHAPE = "The model is given the features in another shape"
OTHER_SHAPE = "The model was initialised and trained on an array of another shape than the batch's."


def other_width(pair: ObservedPair) -> Divergence | None:
    """Return the difference if a model initialised for inputs of another width is trained on such inputs.

    The initial weights depend on the width, so no solution that does this is right.  None if unknown.
    """
    given, mine = pair.reference.trained, pair.submission.trained
    wanted, found = given and given.batch, mine and mine.batch
    if mine is None or not wanted or not found or len(found) != len(wanted) or found[1:] == wanted[1:]:
        return None
    shape, title, words = Shape.CHANGED, IN_ANOTHER_SHAPE, OTHER_SHAPE
    if found[:-1] == wanted[:-1]:
        more = "more" if found[-1] > wanted[-1] else "fewer"
        title = f"The model is given {more} features than the batch has"
        words = f"The model was initialised and trained on {more} features than the batch has."
        if _are_some_columns(batch_of(mine), found[-1], wanted, pair.inputs):
            shape, words = Shape.LEFT_OUT, f"{words} The others were left out."
    measured = f"It was given an array of shape {_shown(found)}, and the batch has {_shown(wanted)}."
    return Divergence(Stage.INPUT, shape, words, title, line=mine.line, hint="apply", measured=measured)


def _are_some_columns(found: Sum | None, count: int, whole: tuple[int, ...], inputs: Inputs) -> bool:
    """Return True if a batch of fewer columns is known to be the first or the last ones of the whole batch."""
    batch = _batch_of(inputs, whole)
    if found is None or batch is None or count >= whole[-1]:
        return False
    some = (batch[..., :count], batch[..., -count:])
    return any(close(found, Sum(*sums_of(columns)), _SAME_BATCH) for columns in some)


def _shown(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))})"


def evaluation_rows(pair: ObservedPair) -> Divergence | bool | None:
    """Compare the input shape of the evaluation."""
    given, mine = pair.reference.last, pair.submission.last
    if given is None or mine is None or given.batch is None or mine.batch is None:
        return None
    if given.batch == mine.batch:
        return True
    parts = parts_of(pair.submission.evaluating, given.batch)
    if parts is not None and len(parts) == 2:
        sizes = " and ".join(f"{count} of {rows} rows" for rows, count in parts.items())
        return Divergence(
            Stage.EVALUATION_ROWS,
            Shape.IN_PARTS,
            f"{IN_PARTS}. A mean of the parts' means is not the mean over all rows.",
            IN_PARTS,
            (),
            mine.line,
            "apply",
            facts={"parts": [[rows, count] for rows, count in parts.items()]},
            measured=f"The parts: {sizes}.",
        )
    title = "Rows are left out of the evaluation"
    alone = len(pair.submission.evaluating) == 1
    return _other_rows(Stage.EVALUATION_ROWS, "evaluation", title, mine, given.batch, alone=alone)


IN_PARTS = "The evaluation is made in parts of different sizes"


def parts_of(runs: Sequence[ProbeEvent], whole: tuple[int, ...]) -> Mapping[int, int] | None:
    """Return the number of model runs by their number of rows, if together they cover the batch's rows.

    There can be more runs of one size than were seen: then as many are assumed as make up the batch.
    """
    if any(run.flag("repeated") or run.batch is None or run.batch[1:] != whole[1:] for run in runs):
        return None
    parts = Counter(run.batch[0] for run in runs if run.batch is not None)
    often = [rows for rows, count in parts.items() if count >= MAX_REPEATS]
    left = whole[0] - sum(rows * count for rows, count in parts.items())
    if len(often) == 1 and left > 0 and left % often[0] == 0:
        parts[often[0]] += left // often[0]
        return parts
    return parts if left == 0 and len(often) < 2 else None


def _other_rows(
    stage: Stage, name: str, title: str, mine: ProbeEvent, whole: tuple[int, ...], *, alone: bool
) -> Divergence:
    """Describe the difference. Only a single run that runs once is known to leave rows out."""
    found = mine.batch or whole
    rows, wanted = found[0], whole[0]
    if found[1:] != whole[1:]:
        words = f"In the {name} the model was run on an array of another shape than the batch's."
        return Divergence(stage, None, words, line=mine.line, hint="apply")
    known = alone and not mine.flag("repeated")
    if known and rows > wanted and mine.trains:
        words = f"The {name} was given more rows than the batch has."
        title = "The training pass is given more rows than the batch has"
        return Divergence(stage, Shape.ADDED, words, title, line=mine.line, hint="apply")
    if not known or rows > wanted:
        more = "more" if rows > wanted else "fewer"
        words = f"In the {name} the model was run on {more} rows at a time than the batch has."
        return Divergence(stage, None, words, line=mine.line, hint="apply")
    words = f"The {name} was given fewer rows than the batch has."
    measured = f"It was given {rows} of {wanted} rows."
    return Divergence(
        stage,
        Shape.LEFT_OUT,
        words,
        title,
        line=mine.line,
        hint="apply",
        facts={"rows": rows},
        measured=measured,
    )
