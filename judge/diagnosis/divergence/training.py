"""The training of a run: the mode of its pass, the loss, and the step that is made from its gradient.

Each stage returns the difference (a `Divergence`), True if the two runs agree, or None if that is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from judge.diagnosis.divergence.checkpoints import Checkpoints, Initialisation, Path, Sum, batch_of, output_of
from judge.diagnosis.divergence.difference import PARAMS, Divergence, ObservedPair, close, line_of, listed
from judge.diagnosis.divergence.initialisation import began, from_the_start
from judge.vocabulary import FACTORS, Shape, Stage

if TYPE_CHECKING:
    from judge.model import Inputs

_SAME_LOSS = 1e-4
_SAME_BATCH = 1e-5
_MOVED = 1e-6
_SAME_MOVE = 1e-3
"""The part of an array's size by which rounding alone may move its checksum, in float32."""
_ALIKE = 0.03
"""The largest difference between factors that count as the same."""


def training(pair: ObservedPair) -> Divergence | bool | None:
    given, mine = pair.reference.trained, pair.submission.trained
    if given is None or mine is None or not given.norms or not mine.norms:
        return None
    if given.trains == mine.trains:
        return True
    if not given.trains:
        return Divergence(Stage.TRAINING_MODE, None, "The training pass ran in another mode.")
    if not mine.evaluates:  # the flag was traced, so the mode is unknown
        return None
    words = "In the pass that was differentiated, every BatchNorm layer used its running averages."
    return Divergence(Stage.TRAINING_MODE, Shape.EVALUATING, words, line=mine.line, hint="apply")


def loss(pair: ObservedPair) -> Divergence | bool | None:
    given, mine = pair.reference.loss, pair.submission.loss
    if given is None or mine is None or not from_the_start(pair):
        return None
    call = pair.submission.differentiated
    defined = call.number("defined") if call is not None else None
    if abs(mine - given) <= _SAME_LOSS * abs(given):
        return True
    ratio = mine / given if given else None
    factors = factors_of(ratio, rows_of(pair.inputs))
    if factors:
        return _another_factor(factors, began(pair), defined)
    if _rows_moved(pair):
        line = line_of(pair.submission.trained)
        return Divergence(
            Stage.TRAINING_LOSS, Shape.REORDERED, f"{MOVED} {OTHER_PAIRS}", line=line, hint="apply"
        )
    why = WHY_LOSS_OF_RIGHT_OUTPUT if _output_is_right(pair) else WHY_OTHER_LOSS
    return Divergence(Stage.TRAINING_LOSS, None, f"{OTHER_LOSS}, {began(pair)}: {why}", defined=defined)


MOVED = "In the training pass the model was given the rows of the batch in another order."
OTHER_PAIRS = "With the targets in the same order the loss would be what it should be, and it is not."


def _rows_moved(pair: ObservedPair) -> bool:
    """Return True if the model's differentiated run was given the numbers of the batch in other places."""
    given, mine = pair.reference.trained, pair.submission.trained
    if given is None or mine is None or given.batch != mine.batch:
        return False
    wanted, found = batch_of(given), batch_of(mine)
    if wanted is None or found is None:
        return False
    same_size = abs(found.size - wanted.size) <= _SAME_BATCH * wanted.size
    return same_size and not close(found, wanted, _SAME_BATCH)


def _output_is_right(pair: ObservedPair) -> bool:
    """Return True if the differentiated run of the model is known to give what the reference's gives."""
    given, mine = pair.reference.trained, pair.submission.trained
    if given is None or mine is None:
        return False
    wanted, found = output_of(given), output_of(mine)
    return (
        bool(wanted)
        and len(found) == len(wanted)
        and all(map(partial(close, relative=_SAME_LOSS), found, wanted))
    )


def _another_factor(factors: tuple[Shape, ...], how: str, defined: int | None) -> Divergence:
    words = f"The loss that was differentiated is {in_words(factors)} what it should be, {how}."
    title = "The training loss has another factor"
    return Divergence(Stage.TRAINING_LOSS, Shape.SCALED, words, title, factors, defined=defined)


FACTOR_IN_WORDS: Mapping[Shape, str] = {
    Shape.SCALED_BY_HALF: "half",
    Shape.SCALED_BY_2: "twice",
    Shape.SCALED_BY_N: "N times",
    Shape.SCALED_BY_1_OVER_N: "one N-th of",
    Shape.SCALED_BY_HALF_N: "N/2 times",
    Shape.SCALED_BY_2N: "2 N times",
    Shape.SCALED_BY_N_OVER_N_MINUS_1: "N/(N-1) times",
}


def factors_of(ratio: float | None, rows: int | None, within: float = _SAME_LOSS) -> tuple[Shape, ...]:
    """Return the factors that equal this ratio within this part of it; with few rows there can be several."""
    if ratio is None:
        return ()
    known = {Shape.SCALED_BY_HALF: 0.5, Shape.SCALED_BY_2: 2.0}
    if rows is not None and rows > 0:
        n = float(rows)
        known |= {Shape.SCALED_BY_N: n, Shape.SCALED_BY_1_OVER_N: 1 / n}
        known |= {Shape.SCALED_BY_HALF_N: n / 2, Shape.SCALED_BY_2N: 2 * n}
        known |= {Shape.SCALED_BY_N_OVER_N_MINUS_1: n / (n - 1)} if rows > 1 else {}
    return tuple(
        shape for shape in FACTORS if shape in known and abs(ratio - known[shape]) <= within * known[shape]
    )


def in_words(factors: Sequence[Shape]) -> str:
    """Return the plainest of the fitting factors in words; "a multiple of" if none fits."""
    found = FACTOR_IN_WORDS[factors[0]] if factors else "a multiple of"
    return f"{found} (N is the number of rows)" if "N" in found else found


def rows_of(inputs: Inputs) -> int | None:
    """The number of rows, where the array inputs agree on one."""
    rows = {value.shape[0] for value in inputs.values() if hasattr(value, "shape") and value.shape}
    return int(rows.pop()) if len(rows) == 1 else None


WHY_LOSS_OF_RIGHT_OUTPUT = (
    "what the model gave there is right, so the loss is made of it, or of other targets, in another way."
)
OTHER_LOSS = "The loss that was differentiated is not what it should be"
WHY_OTHER_LOSS = (
    "the model was given other rows or features, or makes something else of them, or the loss is made of its output or "
    "of other targets in another way."
)


def step(pair: ObservedPair) -> Divergence | bool | None:
    begin = pair.reference.initialisations[0] if pair.reference.initialisations else None
    if begin is None or not from_the_start(pair):
        return None
    moves = _moves(pair, begin)
    if moves is not None and moves.same and not moves.decays:
        return _nearly_the_rate(pair) or moves.exact or None
    again = pair.submission.second_gradient
    if again is not None:
        words = (
            "A gradient was taken at parameters that had been stepped already, and a step was made of it too."
        )
        title = "More than one step was taken"
        return Divergence(Stage.STEP, Shape.REPEATED, words, title, line=again.line, hint=again.text("api"))
    said = _update(pair)
    if moves is not None and moves.decays and not isinstance(said, Divergence):
        words = "Besides the step that they should make, all parameters shrank by one and the same part of themselves."
        applied = line_of(pair.submission.applied)
        return Divergence(
            Stage.STEP,
            Shape.OTHER_RULE,
            words,
            special=(Shape.WEIGHT_DECAY,),
            line=applied,
            hint="apply_updates",
        )
    if moves is None:
        # Right updates do not show that they were applied.
        return said if isinstance(said, Divergence) or (said and _kept_right(pair)) else None
    if isinstance(said, Divergence):
        return said
    if moves.none:
        words = "The last evaluation used the parameters from before the step."
        last = line_of(pair.submission.last)
        if _kept_right(pair):
            words += " The step itself was made, and made right."
        title = "The evaluation uses the parameters from before the step"
        return Divergence(
            Stage.STEP, Shape.NOT_APPLIED, words, title, line=last, hint="apply", follows=said is None
        )
    line, hint = line_of(pair.submission.applied), "apply_updates"
    if moves.still:
        words = f"Some parameters did not move at all: {listed(moves.still)}."
        title = "A part of the parameters was not updated"
        return Divergence(Stage.STEP, Shape.PARTLY_APPLIED, words, title, line=line, hint=hint, follows=True)
    nearly = moves.factor is not None and abs(moves.factor - 1) <= 2 * _ALIKE
    known_loss = loss(pair)
    if moves.factor is None or nearly or isinstance(known_loss, Divergence):
        weak = moves.small or nearly
        return Divergence(Stage.STEP, None, OTHER_STEP, line=line, hint=hint, weak=weak, follows=True)
    if known_loss is None:
        words = f"The parameters moved in the {_direction(moves.factor, 1.0)} direction, {OF_UNSEEN_LOSS}"
        return Divergence(Stage.STEP, None, words, line=line, hint=hint, follows=True)
    found = replace(_of_factor(moves.factor), line=line, hint=hint, follows=True)
    if said is not True:
        return found
    handed_on = _handed_on(pair.submission)
    if handed_on is None:
        return replace(found, words=f"{RIGHT_OF_WHAT_IT_GOT} {found.words}")
    if abs(handed_on - 1) > _SAME_STEP:
        return replace(
            found, **_scaled_before(handed_on, rows_of(pair.inputs)), line=line_of(pair.submission.update)
        )
    words = f"The optimizer's updates are what they should be. {found.words}"
    if (
        pair.submission.additions > 1
        and moves.factor > 1.5
        and abs(moves.factor - round(moves.factor)) <= _ALIKE
    ):
        return replace(
            found,
            shape=Shape.REPEATED,
            special=(),
            words=words,
            title="The updates were added more than once",
        )
    return replace(found, words=words)


OF_UNSEEN_LOSS = (
    "and not the distance that they should: the loss, its gradient or the step was multiplied by something. Which of "
    "them it was, the judge did not see."
)
OTHER_STEP = "The parameters moved in another way than they should."
RIGHT_OF_WHAT_IT_GOT = "What the optimizer makes of the gradients that it is given is what it should be."


def _handed_on(run: Checkpoints) -> float | None:
    """Return the factor between the gradient and what the optimizer was given; None if unknown or not one factor."""
    gradient, received = list(run.gradient.values()), list(run.received.values())
    if not gradient or len(gradient) != len(received):
        return None
    largest = max(gradient, key=lambda sums: sums.size)
    if largest.size == 0:
        return None
    factor = received[gradient.index(largest)].weighted / largest.weighted if largest.weighted else None
    if factor is None:
        return None
    wanted = [Sum(abs(factor) * sums.size, factor * sums.weighted) for sums in gradient]
    return factor if all(map(partial(close, relative=_SAME_LOSS), received, wanted)) else None


def _scaled_before(factor: float, rows: int | None) -> dict[str, Any]:
    """Return the fields of the difference where the gradients were multiplied before the optimizer got them."""
    factors = factors_of(factor, rows)
    varies = any(
        "N" in FACTOR_IN_WORDS[shape] for shape in factors
    )  # so this case's number is not that of the others
    return {
        "shape": Shape.SCALED,
        "special": factors,
        "title": "The gradients were scaled before the optimizer got them",
        "words": (
            "What the optimizer was given is not the gradient that the differentiation gave: all of it was multiplied "
            f"by the same number. {RIGHT_OF_WHAT_IT_GOT}"
        ),
        "measured": "" if varies else f"It is {factor:.4g} times the gradient.",
        "facts": {"factor": float(f"{factor:.6g}")},
        "hint": "update",
    }


def _nearly_the_rate(pair: ObservedPair) -> Divergence | None:
    """Return the difference if the updates are nearly the right multiple of the gradients, as of a rounded rate."""
    mine, given = pair.submission.factor, pair.reference.factor
    said = _update(pair) if mine and given and abs(mine / given - 1) <= _SAME_MOVE else None
    return said if isinstance(said, Divergence) else None


def _update(pair: ObservedPair) -> Divergence | bool | None:
    """Compare the step that the optimizer made from its gradients."""
    mine, given = pair.submission, pair.reference
    if given.factor is None or mine.proportional is None:
        return None
    if not mine.proportional:
        return _by_part(pair) if mine.parts else _out_of_proportion(mine.optimizer_line)
    if mine.factor is None:
        return None
    if abs(mine.factor - given.factor) <= 1e-4 * abs(given.factor):
        return True
    if given.factor and abs(mine.factor / given.factor + 1) <= 1e-4:
        words = "The optimizer's updates are as long as they should be, and point in the opposite direction."
        return Divergence(Stage.STEP, Shape.SCALED_BY_MINUS_1, words, line=mine.optimizer_line)
    if mine.factor == 0:
        words = "Every update that the optimizer made of its gradients is zero."
        frozen = mine.update is not None and any(member.freezes for member in mine.update.members)
        shape = Shape.NOT_APPLIED if frozen else Shape.SCALED
        return Divergence(
            Stage.STEP, shape, words, "The optimizer's updates are zero", line=mine.optimizer_line
        )
    if mine.factor == 1:
        words = (
            "The updates that the optimizer gave are the gradients themselves, as large and of the same sign."
        )
        title = "The updates are the gradients themselves"
        return Divergence(Stage.STEP, Shape.OTHER_RULE, words, title, line=mine.optimizer_line)
    factor = float(f"{mine.factor:.6g}")
    direction = _direction(mine.factor, given.factor)
    words = f"The step has the {direction} direction and another length than the learning rate gives it."
    measured = f"Updates are {factor:.4g} times the gradients."
    facts = {"factor": factor}
    return Divergence(
        Stage.STEP,
        Shape.SCALED,
        words,
        _LENGTH,
        factors_of(mine.factor / given.factor if given.factor else None, rows_of(pair.inputs)),
        line=mine.optimizer_line,
        facts=facts,
        measured=measured,
        given=given.factor,
    )


def _out_of_proportion(made: int | None) -> Divergence:
    words = "The optimizer's updates are in no proportion to the gradients."
    return Divergence(Stage.STEP, Shape.OTHER_RULE, words, line=made)


def _by_part(pair: ObservedPair) -> Divergence:
    """The difference where each array of updates is proportional to its gradient, and not all by one factor."""
    mine, right = pair.submission, pair.reference.factor or 0.0
    parts = mine.parts or {}
    off = sorted(path for path, factor in parts.items() if abs(factor - right) > 1e-4 * abs(right))
    if len(off) < len(parts) and all(parts[path] == 0 for path in off):
        words = (
            f"The optimizer gave updates of zero for some parameters: {listed(off)}. The others are right."
        )
        title = "A part of the parameters was not updated"
        return Divergence(Stage.STEP, Shape.PARTLY_APPLIED, words, title, line=mine.optimizer_line)
    words = (
        "The optimizer's updates are not the same multiple of the gradients for all parameters. "
        f"Those of {listed(off)} are not what the learning rate makes of them."
    )
    if all(parts[path] == 1 for path in off):
        words = f"The updates of some parameters are their gradients themselves: {listed(off)}."
    return Divergence(Stage.STEP, Shape.OTHER_RULE, words, PART_BY_PART, line=mine.optimizer_line)


PART_BY_PART = "Some parameters get another step than others"


def _kept_right(pair: ObservedPair) -> bool:
    """Return True if the stepped parameters are those that the reference evaluates."""
    wanted = {
        path.removeprefix(PARAMS[:-1]): at
        for path, at in pair.reference.final_variables.items()
        if path.startswith(PARAMS)
    }
    stepped = pair.submission.stepped
    found = {path: [at for own, at in stepped.items() if own.endswith(path)] for path in wanted}
    return bool(wanted) and all(
        len(found[path]) == 1 and close(found[path][0], wanted[path], _SAME_STEP) for path in wanted
    )


_SAME_STEP = 1e-6


_LENGTH = "The step is longer or shorter than the learning rate says"


def _of_factor(factor: float) -> Divergence:
    """The difference where all parameters moved by this multiple, from the same weights with the same loss."""
    if abs(factor + 1) <= _ALIKE:
        words = "The parameters moved as far as they should, in the opposite direction."
        return Divergence(Stage.STEP, Shape.SCALED_BY_MINUS_1, words)
    words = (
        f"The parameters moved in the {_direction(factor, 1.0)} direction, and not as far as the learning rate says, "
        "or farther."
    )
    measured = f"They moved {abs(factor):.3g} times as far."
    return Divergence(
        Stage.STEP, Shape.SCALED, words, _LENGTH, facts={"times_as_far": factor}, measured=measured
    )


def _direction(factor: float, wanted: float | None) -> str:
    return "opposite" if wanted and factor * wanted < 0 else "right"


@dataclass(frozen=True)
class _Moves:
    """The movement of the parameters, compared with the reference's."""

    same: bool
    exact: bool
    """True if nothing but rounding tells the movements apart."""
    none: bool
    factor: float | None
    """The ratio of all movements to the reference's, if they share one."""
    small: bool
    """True if no movement exceeds rounding."""
    still: tuple[Path, ...]
    """Those that did not move, if all others moved as they should."""
    decays: bool
    """True if the surplus movement takes the same part of each of them away, as weight decay does."""


def _moves(pair: ObservedPair, begin: Initialisation) -> _Moves | None:
    mine, given = pair.submission.final_variables, pair.reference.final_variables
    paths = [p for p in given if p.startswith(PARAMS) and p in mine and p in begin.sums]
    if not paths:
        return None
    wanted = {p: given[p].weighted - begin.sums[p].weighted for p in paths}
    moved = {p: mine[p].weighted - begin.sums[p].weighted for p in paths}
    largest = max(map(abs, wanted.values()))
    noise = {p: _MOVED * max(begin.sums[p].size, given[p].size) for p in paths}
    same = all(abs(moved[p] - wanted[p]) <= 10 * noise[p] + _SAME_MOVE * largest for p in paths)
    none = all(mine[p] == begin.sums[p] for p in paths)
    distinguishing = [p for p in paths if abs(wanted[p]) > max(50 * noise[p], 1e-2 * largest)]
    factors = {p: moved[p] / wanted[p] for p in distinguishing}
    unsure = {p: 10 * noise[p] / abs(wanted[p]) for p in distinguishing}
    best = min(distinguishing, key=lambda p: unsure[p], default=None)
    factor = factors[best] if best is not None else 0.0
    alike = bool(factors) and all(
        abs(factors[p] - factor) <= _ALIKE * abs(factor) + unsure[p] for p in distinguishing
    )
    small = all(abs(moved[p]) <= 50 * noise[p] for p in distinguishing)
    unmoved = {p for p in paths if mine[p] == begin.sums[p] and abs(wanted[p]) > 10 * noise[p]}
    still = tuple(p for p in distinguishing if p in unmoved)
    others = [p for p in paths if p not in unmoved]
    fine = all(abs(moved[p] - wanted[p]) <= 10 * noise[p] + _SAME_MOVE * largest for p in others)
    return _Moves(
        same=same,
        exact=all(abs(moved[p] - wanted[p]) <= noise[p] for p in paths),
        none=none and not same,
        factor=factor if alike else None,
        small=small,
        still=still if fine and len(still) < len(distinguishing) else (),
        decays=_decays(begin, {p: moved[p] - wanted[p] for p in paths}, noise),
    )


def _decays(begin: Initialisation, surplus: Mapping[Path, float], noise: Mapping[Path, float]) -> bool:
    """Return True if all arrays, at least two, moved too far by the same part of their first values."""
    sums = {path: begin.sums[path].weighted for path in surplus}
    begins = [path for path in surplus if abs(sums[path]) > 100 * noise[path]]
    others = [path for path in surplus if path not in begins]
    distinguishing = [path for path in begins if abs(surplus[path]) > 20 * noise[path]]
    if len(distinguishing) < 2 or any(abs(surplus[path]) > 10 * noise[path] for path in others):
        return False
    ratios = {path: surplus[path] / sums[path] for path in begins}
    unsure = {path: 10 * noise[path] / abs(sums[path]) for path in begins}
    best = min(distinguishing, key=lambda path: unsure[path])
    alike = all(abs(ratios[p] - ratios[best]) <= unsure[p] + 0.01 * abs(ratios[best]) for p in begins)
    return alike and -1 < ratios[best] < 0
