"""Where the course of a run parts from the reference's, stage by stage: the first difference is the nearest to a cause.

Key, model, initial weights, mode of training, loss, step, statistics, mode of evaluation.  Each stage says that the two
differ (a `Parting`), that they agree, or nothing.  A difference counts only where the answer is wrong: there are right
solutions that go about their work in another way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from judge.diagnosis.outline import Outline, Path, Start, Sum
from judge.pitfalls.trace import Seen, is_shown_name

if TYPE_CHECKING:
    from judge.model import Inputs, Json

PARAMS = "params/"
TRAIN_IN_EVAL_MODE = "train-in-eval-mode"
_SAME_START = 1e-5
_SAME_STATE = 1e-4
_SAME_LOSS = 1e-4
_MOVED = 1e-6
"""Relative to the size of an array: what its checksum may move by rounding alone, in float32."""
_ALIKE = 0.03
"""How far apart factors may lie that are one factor."""


@dataclass(frozen=True)
class Parting:
    """The first difference.  ``code`` is '' where the difference alone names no mistake."""

    stage: str
    code: str
    words: str
    """A sentence on what was seen, without numbers of the inputs."""
    title: str = ""
    """Where the page's own title says more than is known."""
    form: str = ""
    """The misconception whose page fits best, among those of the same code."""
    line: int | None = None
    hint: str = ""
    defined: int | None = None
    """The first line of a function whose returned value is the better thing to show."""
    weak: bool = False
    """The two differ, and by too little to say how."""
    follows: bool = False
    """Another loss would explain it too: seen of the parameters alone, not of what moved them."""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """Measured on this case; told only where its inputs may be known."""
    measured: str = ""
    """The same as a sentence."""


@dataclass(frozen=True)
class Pair:
    """A run's outline and the reference's on the same case."""

    mine: Outline
    given: Outline
    inputs: Inputs


@dataclass(frozen=True)
class Stage:
    name: str
    """As it goes on after "the first thing that differs is"."""
    look: Callable[[Pair], Parting | bool | None]
    """The difference; True when the two agree; None when it is not known."""


def part(pair: Pair) -> tuple[Parting | None, tuple[str, ...]]:
    """The first difference, if there is one, and the stages before it that agree."""
    agreed: list[str] = []
    for stage in STAGES:
        said = stage.look(pair)
        if isinstance(said, Parting):
            return said, tuple(agreed)
        if said:
            agreed.append(stage.name)
    return None, tuple(agreed)


# --------------------------------------------------------------------------------------------- keys and models


def _key(pair: Pair) -> Parting | bool | None:
    given = pair.given.starts[0] if pair.given.starts else None
    mine = pair.mine.start_like(pair.given)
    if given is None or mine is None:
        return None
    wanted, used = given.keys.get("params"), mine.keys.get("params")
    if wanted is None or used is None:
        return None
    if wanted == used:
        return True
    if len(used) == len(wanted) == 2 and used[0] == 0:
        words = "The initial weights were drawn with the key of another whole number."
        title, form = OTHER_SEED, "seed-rounded" if used[1] in _rounded(pair.inputs) else ""
    else:
        words = (
            "The initial weights were drawn with a key that is made of no whole number alone. Splitting a key makes "
            "such keys, and so do folding something into it and other generators."
        )
        title, form = "The initial weights come from another key", "seed-split"
    facts = {"key": list(used)}
    return Parting("the key", "wrong-seed", words, title, form, mine.seen.line, "init", facts=facts)


def _rounded(inputs: Inputs) -> set[int]:
    """The whole numbers next to fractional inputs."""
    return {
        round(value) % 2**32
        for value in inputs.values()
        if isinstance(value, float) and math.isfinite(value) and value != int(value)
    }


OTHER_SEED = "The initial weights come from another seed"


def _model(pair: Pair) -> Parting | bool | None:
    given = pair.given.starts[0] if pair.given.starts else None
    mine = pair.mine.start_like(pair.given)
    if given is None or mine is None or not given.shapes:
        return None
    said = _tree_difference(mine, given) or _setting_difference(mine, given)
    if said is None:
        return True
    if said.kind == _INPUT:
        return Parting("the model's input", "", said.words, line=mine.seen.line, hint="init")
    line = mine.lines.get(said.layer)
    return Parting(
        "the model",
        "model-changed",
        said.words,
        line=mine.seen.line if line is None else line,
        hint="init" if line is None else "",
        facts={"differs": said.kind},
    )


_INPUT = "input"


@dataclass(frozen=True)
class _Difference:
    kind: str
    words: str
    layer: str = ""
    """The path of the layer to show."""


def _tree_difference(mine: Start, given: Start) -> _Difference | None:
    if mine.shapes == given.shapes:
        return None
    extra, missing = mine.shapes.keys() - given.shapes.keys(), given.shapes.keys() - mine.shapes.keys()
    own = [path for path in mine.layers if path not in given.layers]
    first = own[0] if own else _layer(min(extra, default=""))
    if not extra and not missing:
        other = sorted(path for path, shape in mine.shapes.items() if given.shapes[path] != shape)
        # The leading sizes of a kernel are those of what goes in; the layer's own width stands last.
        wide = [path for path in other if mine.shapes[path][-1:] != given.shapes[path][-1:]]
        shown = next((path for path in wide if path.endswith("/kernel")), (wide or other)[0])
        size = (
            f" is {mine.shapes[shown][-1]} wide"
            if shown in wide and mine.shapes[shown]
            else " is one of them"
        )
        if not wide and all(mine.layers.get(path) == settings for path, settings in given.layers.items()):
            words = f"The model was initialised on inputs of another width: `{_name(shown)}` shows it."
            return _Difference(_INPUT, words)
        words = "The model that was initialised has arrays of other sizes than the given one"
        return _Difference("width", f"{words}: `{_name(shown)}`{size}.", _layer(shown))
    if sorted(mine.shapes.values()) == sorted(given.shapes.values()):
        words = (
            "The model that was initialised has arrays of the same sizes as the given one, under other names: "
            f"{_listed(_modules(extra))}. flax derives each layer's initial weights from its name."
        )
        return _Difference("names", words, first)
    if not extra:
        words = f"The model that was initialised lacks arrays of the given one: {_listed(missing)}."
        return _Difference("missing", words, _layer(min(missing)))
    new = set(_modules(extra)) - set(_modules(given.shapes))
    what, which = ("layers", new) if new else ("arrays", extra)
    words = f"The model that was initialised has {what} that the given one has not: {_listed(which)}."
    return _Difference("layers", words + (" Others it lacks." if missing else ""), first)


def _setting_difference(mine: Start, given: Start) -> _Difference | None:
    for path, settings in given.layers.items():
        own = mine.layers.get(path, {})
        for name in settings:
            if name not in own or own[name] == settings[name] or not is_shown_name(name):
                continue
            value, where = own[name], f"In the model that was initialised, `{name}` of `{_name(path)}`"
            if isinstance(value, (bool, int, float)) or (isinstance(value, str) and is_shown_name(value)):
                return _Difference(name, f"{where} is {value}; the given model has another.", path)
            return _Difference(name, f"{where} is another than the given model's.", path)
    extra = [path for path in mine.layers if path not in given.layers]
    if extra and given.layers:
        kind = mine.layers[extra[0]].get("class")
        what = f": `{kind}`" if isinstance(kind, str) and is_shown_name(kind) else ""
        words = f"The model that was initialised has a layer that the given one has not{what}."
        return _Difference("layers", words, extra[0])
    if list(given.layers) != list(mine.layers) and set(given.layers) == set(mine.layers):
        words = (
            "The layers of the model that was initialised are run in another order than the given model's."
        )
        return _Difference("order", words, next(iter(mine.layers)))
    return None


def _layer(path: Path) -> str:
    """The module that an array belongs to: without its collection and its own name."""
    return "/".join(path.split("/")[1:-1])


def _weights(pair: Pair) -> Parting | bool | None:
    given = pair.given.starts[0] if pair.given.starts else None
    mine = pair.mine.start_like(pair.given)
    if given is None or mine is None or mine.shapes != given.shapes:
        return None
    both = [path for path in given.sums if path in mine.sums]
    if not both:
        return None
    if all(_close(mine.sums[path], given.sums[path], _SAME_START) for path in both):
        return True
    known = mine.keys.get("params") is not None
    words = (
        "The initial weights are others than those of the given model"
        + (", although key and names are right" if known else "")
        + "."
    )
    code = "model-changed" if known else ""
    facts = {"differs": "weights"}
    return Parting("the initial weights", code, words, line=mine.seen.line, hint="init", facts=facts)


# -------------------------------------------------------------------------------------------------- the training


def _point(pair: Pair) -> Parting | bool | None:
    """The parameters at which the gradient was taken, for they can be others than those that were initialised."""
    given = pair.given.starts[0].sums if pair.given.starts else {}
    call = pair.mine.differentiated
    wanted = {path: total for path, total in given.items() if path.startswith(PARAMS)}
    if not wanted or call is None:
        return None
    used: dict[Path, Sum] = {}
    for path in wanted:
        found = [
            total for own, total in pair.mine.point.items() if own.endswith(path.removeprefix(PARAMS[:-1]))
        ]
        if len(found) != 1:
            return None
        used[path] = found[0]
    if all(_close(used[path], wanted[path], _SAME_START) for path in wanted):
        return True
    if not any(total.size for total in used.values()):
        return None  # a change that is added to the parameters, and begins at 0
    words = "The gradient was taken at other parameters than those that this seed and this model begin with."
    if not pair.mine.starts:
        words += " No model was seen to be initialised in this call."
    return Parting("the parameters at the gradient", "", words, line=call.line, hint=call.text("api"))


def _from_the_start(pair: Pair) -> bool:
    """Whether the training is known to have begun at the right parameters."""
    point = _point(pair)
    return point is True or (point is None and _weights(pair) is True)


def _training(pair: Pair) -> Parting | bool | None:
    given, mine = pair.given.trained, pair.mine.trained
    if given is None or mine is None or not given.norms or not mine.norms:
        return None
    if given.trains == mine.trains:
        return True
    if not given.trains:
        return Parting("the mode of the training pass", "", "The training pass ran in another mode.")
    words = "In the pass that was differentiated, every BatchNorm layer used its running averages."
    return Parting("the mode of the training pass", TRAIN_IN_EVAL_MODE, words, line=mine.line, hint="apply")


def _loss(pair: Pair) -> Parting | bool | None:
    given, mine = pair.given.loss, pair.mine.loss
    if given is None or mine is None or not _from_the_start(pair):
        return None
    call = pair.mine.differentiated
    defined = call.number("defined") if call is not None else None
    if abs(mine - given) <= _SAME_LOSS * abs(given):
        return True
    rows = {value.shape[0] for value in pair.inputs.values() if hasattr(value, "shape") and value.shape}
    for factor, times in ((0.5, "half"), (2.0, "twice"), *((float(n), "N times") for n in rows)):
        if abs(mine - factor * given) <= _SAME_LOSS * abs(factor * given):
            words = f"The loss that was differentiated is {times} what it should be, from the right initial weights."
            return Parting(
                "the training loss",
                "loss-not-mean",
                words,
                "The training loss has another factor",
                defined=defined,
            )
    return Parting("the training loss", "", OTHER_LOSS, defined=defined)


OTHER_LOSS = (
    "The loss that was differentiated is another number than it should be, from the right initial weights: "
    "either the model makes something else of its inputs, or the loss is made of its output in another way."
)


def _step(pair: Pair) -> Parting | bool | None:
    begin = pair.given.starts[0] if pair.given.starts else None
    if begin is None or not _from_the_start(pair):
        return None
    moves = _moves(pair, begin)
    if moves is not None and moves.same:
        return True
    again = pair.mine.again
    if again is not None:
        words = (
            "A gradient was taken at parameters that had been stepped already, and a step was made of it too."
        )
        title = "More than one step was taken"
        return Parting("the step", "extra-step", words, title, line=again.line, hint=again.text("api"))
    said = _update(pair)
    if moves is None:
        return said
    if isinstance(said, Parting):
        return said
    if moves.none:
        words = "The last evaluation used the parameters from before the step."
        last = _line_of(pair.mine.last)
        return Parting("the step", "update-not-applied", words, line=last, hint="apply", follows=said is None)
    line, hint = _line_of(pair.mine.applied), "apply_updates"
    if moves.still:
        words = f"Some parameters did not move at all: {_listed(moves.still)}."
        title = "A part of the parameters was not updated"
        return Parting("the step", "update-partly-applied", words, title, line=line, hint=hint, follows=True)
    nearly = moves.factor is not None and abs(moves.factor - 1) <= 2 * _ALIKE
    if moves.factor is None or nearly or _loss(pair) is not True:
        weak = moves.small or nearly
        return Parting("the step", "", OTHER_STEP, line=line, hint=hint, weak=weak, follows=True)
    found = replace(_of_factor(moves.factor), line=line, hint=hint, follows=True)
    if said is not True:
        return found
    words = f"The optimizer's updates are what they should be. {found.words}"
    if moves.factor > 1.5 and abs(moves.factor - round(moves.factor)) <= _ALIKE:
        return replace(found, code="extra-step", words=words, title="The updates were added more than once")
    return replace(found, words=words)


OTHER_STEP = "The parameters moved in another way than they should."


def _update(pair: Pair) -> Parting | bool | None:
    """The step as the optimizer made it of its gradients."""
    mine, given = pair.mine, pair.given
    if given.factor is None or mine.proportional is None:
        return None
    if not mine.proportional:
        words = "The optimizer's updates are in no proportion to the gradients."
        return Parting("the step", "wrong-optimizer", words, line=mine.made)
    if mine.factor is None:
        return None
    if abs(mine.factor - given.factor) <= 1e-4 * abs(given.factor):
        return True
    if given.factor and abs(mine.factor / given.factor + 1) <= 1e-4:
        words = "The optimizer's updates are as long as they should be, and point in the opposite direction."
        return Parting("the step", "gradient-ascent", words, line=mine.made)
    if mine.factor == 0:
        words = "Every update that the optimizer made of its gradients is zero."
        return Parting("the step", "lr-misused", words, _LENGTH, line=mine.made)
    factor = float(f"{mine.factor:.6g}")
    words = "The step has the right direction and another length than the learning rate gives it."
    measured = f"Updates are {factor:.4g} times the gradients."
    facts = {"factor": factor}
    return Parting("the step", "lr-misused", words, _LENGTH, line=mine.made, facts=facts, measured=measured)


_LENGTH = "The step is longer or shorter than the learning rate says"


def _of_factor(factor: float) -> Parting:
    """All parameters moved so many times as far as the reference's, from the same weights and with the same loss."""
    if abs(factor + 1) <= _ALIKE:
        words = "The parameters moved as far as they should, in the opposite direction."
        return Parting("the step", "gradient-ascent", words)
    words = (
        "The parameters moved in the right direction, and not as far as the learning rate says, or farther."
    )
    measured = f"They moved {factor:.3g} times as far."
    return Parting(
        "the step", "lr-misused", words, _LENGTH, facts={"times_as_far": factor}, measured=measured
    )


@dataclass(frozen=True)
class _Moves:
    """How the parameters moved, compared with the reference's."""

    same: bool
    none: bool
    factor: float | None
    """All of them moved so many times as far."""
    small: bool
    """None moved by more than rounding could."""
    still: tuple[Path, ...]
    """Those that did not move, where all others moved as they should."""


def _moves(pair: Pair, begin: Start) -> _Moves | None:
    mine, given = pair.mine.end, pair.given.end
    paths = [p for p in given if p.startswith(PARAMS) and p in mine and p in begin.sums]
    if not paths:
        return None
    wanted = {p: given[p].weighted - begin.sums[p].weighted for p in paths}
    moved = {p: mine[p].weighted - begin.sums[p].weighted for p in paths}
    largest = max(map(abs, wanted.values()))
    noise = {p: _MOVED * max(begin.sums[p].size, given[p].size) for p in paths}
    same = all(abs(moved[p] - wanted[p]) <= 10 * noise[p] + 1e-3 * largest for p in paths)
    none = all(mine[p] == begin.sums[p] for p in paths)
    telling = [p for p in paths if abs(wanted[p]) > max(50 * noise[p], 1e-2 * largest)]
    factors = {p: moved[p] / wanted[p] for p in telling}
    unsure = {p: 10 * noise[p] / abs(wanted[p]) for p in telling}
    best = min(telling, key=lambda p: unsure[p], default=None)
    factor = factors[best] if best is not None else 0.0
    alike = bool(factors) and all(
        abs(factors[p] - factor) <= _ALIKE * abs(factor) + unsure[p] for p in telling
    )
    small = all(abs(moved[p]) <= 50 * noise[p] for p in telling)
    still = tuple(p for p in telling if mine[p] == begin.sums[p])
    others = [p for p in paths if p not in still]
    fine = all(abs(moved[p] - wanted[p]) <= 10 * noise[p] + 1e-3 * largest for p in others)
    return _Moves(
        same=same,
        none=none and not same,
        factor=factor if alike else None,
        small=small,
        still=still if fine and len(still) < len(telling) else (),
    )


# ------------------------------------------------------------------------------------------------ the evaluation


def _statistics(pair: Pair) -> Parting | bool | None:
    mine, given = pair.mine, pair.given
    paths = [p for p in given.end if not p.startswith(PARAMS) and p in mine.end]
    begin = given.starts[0].sums if given.starts else {}
    if not paths:
        return None
    if all(_close(mine.end[p], given.end[p], _SAME_STATE) for p in paths):
        return True
    if all(p in begin and mine.end[p] == begin[p] for p in paths):
        words = "The last evaluation used the running statistics from before the training pass."
        return Parting("the statistics", "stale-batch-stats", words, line=_line_of(mine.last), hint="apply")
    words = "The running statistics that the last evaluation used are others than they should be."
    return Parting("the statistics", "", words, line=_line_of(mine.last), hint="apply")


def _evaluation(pair: Pair) -> Parting | bool | None:
    given, mine = pair.given.last, pair.mine.last
    if given is None or mine is None or not given.norms or not mine.norms:
        return None
    if mine.trains and given.evaluates:
        words = "In the model's last run, BatchNorm normalised with the batch's own statistics."
        return Parting(
            "the mode of the evaluation", "eval-in-train-mode", words, line=mine.line, hint="apply"
        )
    return True


STAGES: Sequence[Stage] = (
    Stage("the key", _key),
    Stage("the model", _model),
    Stage("the initial weights", _weights),
    Stage("the parameters at the gradient", _point),
    Stage("the mode of the training pass", _training),
    Stage("the training loss", _loss),
    Stage("the step", _step),
    Stage("the statistics", _statistics),
    Stage("the mode of the evaluation", _evaluation),
)


def comes_first(parting: Parting) -> tuple[int, bool]:
    """Sorts partings: the earliest stage first, and in it what is known best."""
    names = [stage.name for stage in STAGES]
    stage = names.index(parting.stage) if parting.stage in names else names.index("the model")
    return stage, parting.weak


def _close(mine: Sum, given: Sum, relative: float) -> bool:
    allowed = relative * max(mine.size, given.size)
    return abs(mine.weighted - given.weighted) <= allowed and abs(mine.size - given.size) <= allowed


def _line_of(seen: Seen | None) -> int | None:
    return seen.line if seen is not None else None


def _modules(paths: Iterable[Path]) -> list[str]:
    """The outermost modules of some paths."""
    return sorted({path.split("/")[1] for path in paths if path.count("/") >= 1})


def _listed(names: Iterable[str]) -> str:
    shown = [f"`{_name(name)}`" for name in sorted(names)]
    return ", ".join(shown[:4]) + (f" and {len(shown) - 4} more" if len(shown) > 4 else "")


def _name(path: str) -> str:
    """A path as far as it is made of plain names."""
    parts = path.split("/")
    return "/".join(part if is_shown_name(part) else "..." for part in parts[-3:])
