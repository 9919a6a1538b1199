"""What the model was run on, in training and in the evaluation: rows that are left out, and features that were changed.

Each stage gives the difference (a `Parting`), True where the two runs agree, or None where it is not known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from judge.diagnosis.other_places import way_of_moving
from judge.diagnosis.outline import Sum, batch_of
from judge.diagnosis.parting import Pair, Parting, close
from judge.inside.probe_numbers import sums_of
from judge.wire import MAX_REPEATS

if TYPE_CHECKING:
    from judge.model import Float64Array, Inputs
    from judge.pitfalls.trace import Seen

TRAINING = "the rows of the training pass"
EVALUATION = "the rows of the evaluation"
FEATURES = "the features of the training pass"
ROWS_LEFT_OUT = "rows-left-out"
OTHER_BATCH = "stats-from-other-batch"
FEATURES_CHANGED = "features-changed"
FEATURES_LEFT_OUT = "features-left-out"
INPUT = "the model's input"
LOSS_NOT_MEAN = "loss-not-mean"
_SAME_BATCH = 1e-5


def training_rows(pair: Pair) -> Parting | bool | None:
    """Compare the shape of what the differentiated pass of the model is run on."""
    given, mine = pair.given.trained, pair.mine.trained
    if given is None or mine is None or given.batch is None or mine.batch is None:
        return None
    if given.batch == mine.batch:
        return True
    again = pair.mine.again
    if again is not None and mine.batch[0] < given.batch[0]:
        words = (
            "The model was trained on fewer rows at a time than the batch has, and a gradient was taken at parameters "
            "that had been stepped already."
        )
        title = "More than one step was taken"
        return Parting(TRAINING, "extra-step", words, title, line=again.line, hint=again.text("api"))
    title = "Rows are left out of the training pass"
    return _other_rows(
        TRAINING, "training pass", title, mine, given.batch, alone=len(pair.mine.training) == 1
    )


def training_features(pair: Pair) -> Parting | bool | None:
    """Compare the numbers that the differentiated pass of the model is run on, by checksum."""
    given, mine = pair.given.trained, pair.mine.trained
    if given is None or mine is None or given.batch != mine.batch:
        return None
    wanted, found = batch_of(given), batch_of(mine)
    if wanted is None or found is None:
        return None
    if close(found, wanted, _SAME_BATCH):
        return True
    if abs(found.size - wanted.size) <= _SAME_BATCH * wanted.size:
        return _other_places(pair, mine, found)
    return Parting(FEATURES, FEATURES_CHANGED, OTHER_FEATURES, WERE_CHANGED, line=mine.line, hint="apply")


OTHER_FEATURES = "In the training pass the model was run on other features than those that were given."
WERE_CHANGED = "The features were changed before the model saw them"


def _other_places(pair: Pair, mine: Seen, found: Sum) -> Parting | None:
    """The difference, where the numbers of the batch are known to have moved to other columns."""
    batch = _batch_of(pair.inputs, mine.batch or ())
    if batch is None or batch.ndim != 2:
        return None
    how = way_of_moving(found, batch, partial(close, relative=_SAME_BATCH))
    if not how:
        return None  # other signs; or rows in another order, which can be right
    words = f"In the training pass the model was run on the batch {how}."
    return Parting(FEATURES, FEATURES_CHANGED, words, WERE_CHANGED, line=mine.line, hint="apply")


def _batch_of(inputs: Inputs, shape: tuple[int, ...]) -> Float64Array | None:
    """The one input of this shape, in float64."""
    import numpy as np

    found = [value for value in inputs.values() if isinstance(value, np.ndarray) and value.shape == shape]
    return found[0].astype(np.float64) if len(found) == 1 else None


IN_ANOTHER_SHAPE = "The model is given the features in another shape"
OTHER_SHAPE = "The model was initialised and trained on an array of another shape than the batch's."


def other_width(pair: Pair) -> Parting | None:
    """The difference, where a model that was initialised for inputs of another width is trained on such inputs.

    The initial weights depend on the width, so no solution that does it is right.  None where it is not known.
    """
    given, mine = pair.given.trained, pair.mine.trained
    wanted, found = given and given.batch, mine and mine.batch
    if mine is None or not wanted or not found or len(found) != len(wanted) or found[1:] == wanted[1:]:
        return None
    code, title, words = FEATURES_CHANGED, IN_ANOTHER_SHAPE, OTHER_SHAPE
    if found[:-1] == wanted[:-1]:
        more = "more" if found[-1] > wanted[-1] else "fewer"
        title = f"The model is given {more} features than the batch has"
        words = f"The model was initialised and trained on {more} features than the batch has."
        if _are_some_columns(batch_of(mine), found[-1], wanted, pair.inputs):
            code, words = FEATURES_LEFT_OUT, f"{words} The others were left out."
    measured = f"It was given an array of shape {_shown(found)}, and the batch has {_shown(wanted)}."
    return Parting(INPUT, code, words, title, line=mine.line, hint="apply", measured=measured)


def _are_some_columns(found: Sum | None, count: int, whole: tuple[int, ...], inputs: Inputs) -> bool:
    """Whether a batch of fewer columns is known to be the first or the last ones of the whole batch."""
    batch = _batch_of(inputs, whole)
    if found is None or batch is None or count >= whole[-1]:
        return False
    some = (batch[..., :count], batch[..., -count:])
    return any(close(found, Sum(*sums_of(columns)), _SAME_BATCH) for columns in some)


def _shown(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))})"


def evaluation_rows(pair: Pair) -> Parting | bool | None:
    """Compare the shape of what the evaluation is run on."""
    given, mine = pair.given.last, pair.mine.last
    if given is None or mine is None or given.batch is None or mine.batch is None:
        return None
    if given.batch == mine.batch:
        return True
    parts = parts_of(pair.mine.evaluating, given.batch)
    if parts is not None and len(parts) == 2:
        sizes = " and ".join(f"{count} of {rows} rows" for rows, count in parts.items())
        return Parting(
            EVALUATION,
            LOSS_NOT_MEAN,
            f"{IN_PARTS}. A mean of the parts' means is not the mean over all rows.",
            IN_PARTS,
            "mean-of-batch-means",
            mine.line,
            "apply",
            facts={"parts": [[rows, count] for rows, count in parts.items()]},
            measured=f"The parts: {sizes}.",
        )
    title = "Rows are left out of the evaluation"
    alone = len(pair.mine.evaluating) == 1
    return _other_rows(EVALUATION, "evaluation", title, mine, given.batch, alone=alone)


IN_PARTS = "The evaluation is made in parts of different sizes"


def parts_of(runs: Sequence[Seen], whole: tuple[int, ...]) -> Mapping[int, int] | None:
    """How many runs of the model there were for each number of rows, where they share the batch's rows among them.

    Of one number of rows there can be more runs than were seen: then as many as it takes to make up the batch.
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
    stage: str, name: str, title: str, mine: Seen, whole: tuple[int, ...], *, alone: bool
) -> Parting:
    """The difference in words. Only a run that is alone, and runs once, is known to leave rows out."""
    found = mine.batch or whole
    rows, wanted = found[0], whole[0]
    if found[1:] != whole[1:]:
        words = f"In the {name} the model was run on an array of another shape than the batch's."
        return Parting(stage, "", words, line=mine.line, hint="apply")
    known = alone and not mine.flag("repeated")
    if known and rows > wanted and mine.trains:
        words = f"The {name} was given more rows than the batch has."
        title = "The training pass is given more rows than the batch has"
        return Parting(stage, OTHER_BATCH, words, title, line=mine.line, hint="apply")
    if not known or rows > wanted:
        more = "more" if rows > wanted else "fewer"
        words = f"In the {name} the model was run on {more} rows at a time than the batch has."
        return Parting(stage, "", words, line=mine.line, hint="apply")
    words = f"The {name} was given fewer rows than the batch has."
    measured = f"It was given {rows} of {wanted} rows."
    return Parting(
        stage,
        ROWS_LEFT_OUT,
        words,
        title,
        line=mine.line,
        hint="apply",
        facts={"rows": rows},
        measured=measured,
    )
