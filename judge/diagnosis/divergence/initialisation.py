"""The start of a run: the key, the model, its initial weights, and the parameters at the gradient.

Each stage returns the difference (a `Divergence`), True if the two runs agree, or None if that is unknown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judge.diagnosis.divergence.checkpoints import Initialisation, Path, Sum
from judge.diagnosis.divergence.difference import PARAMS, Divergence, ObservedPair, close, listed, plain
from judge.diagnosis.divergence.rows import other_width
from judge.trace import is_shown_name
from judge.vocabulary import Shape, Stage

if TYPE_CHECKING:
    from judge.model import Inputs

_SAME_START = 1e-5


def key(pair: ObservedPair) -> Divergence | bool | None:
    given = pair.reference.initialisations[0] if pair.reference.initialisations else None
    mine = pair.submission.initialisation_like(pair.reference)
    if given is None or mine is None:
        return None
    wanted, used = given.keys.get("params"), mine.keys.get("params")
    if wanted is None or used is None:
        return None
    if wanted == used:
        return True
    if len(used) == len(wanted) == 2 and used[0] == 0:
        words = "The initial weights were drawn with the key of another whole number."
        title, special = OTHER_SEED, (Shape.ROUNDED,) if used[1] in _rounded(pair.inputs) else ()
    else:
        words = (
            "The initial weights were drawn with a key that is made of no whole number alone. Splitting a key makes "
            "such keys, and so do folding something into it and other generators."
        )
        title, special = "The initial weights come from another key", (Shape.DERIVED,)
    return Divergence(
        Stage.KEY,
        Shape.CHANGED,
        words,
        title,
        special,
        mine.seen.line,
        "init",
        facts={"key": list(used)},
        given=list(wanted),
    )


def _rounded(inputs: Inputs) -> set[int]:
    """The whole numbers nearest to fractional inputs, modulo 2**32."""
    return {
        round(value) % 2**32
        for value in inputs.values()
        if isinstance(value, float) and math.isfinite(value) and value != int(value)
    }


OTHER_SEED = "The initial weights come from another seed"


def model(pair: ObservedPair) -> Divergence | bool | None:
    given = pair.reference.initialisations[0] if pair.reference.initialisations else None
    mine = pair.submission.initialisation_like(pair.reference)
    if given is None or mine is None or not given.shapes:
        return None
    said = _tree_difference(mine, given) or _setting_difference(mine, given)
    if said is None:
        return True
    if said.kind == _INPUT:
        return other_width(pair) or Divergence(
            Stage.INPUT, None, said.words, line=mine.seen.line, hint="init"
        )
    if said.kind == _MEMBERS:
        return Divergence(Stage.MODEL, None, said.words, line=mine.seen.line, hint="init")
    line = mine.lines.get(said.layer)
    return Divergence(
        Stage.MODEL,
        Shape.CHANGED,
        said.words,
        line=mine.seen.line if line is None else line,
        hint="init" if line is None else "",
        facts={"differs": said.kind},
    )


_INPUT = "input"
_MEMBERS = "members"


@dataclass(frozen=True)
class _Difference:
    kind: str
    words: str
    layer: str = ""
    """The path of the layer to show."""


def _tree_difference(mine: Initialisation, given: Initialisation) -> _Difference | None:
    if mine.shapes == given.shapes:
        return None
    extra, missing = mine.shapes.keys() - given.shapes.keys(), given.shapes.keys() - mine.shapes.keys()
    own = [path for path in mine.layers if path not in given.layers]
    first = own[0] if own else _layer(min(extra, default=""))
    if not extra and not missing:
        other = sorted(path for path, shape in mine.shapes.items() if given.shapes[path] != shape)
        if any(len(mine.shapes[path]) != len(given.shapes[path]) for path in other):
            words = (
                "Arrays of the model that was initialised have a different number of axes from those of the given one: "
                f"`{plain(other[0])}` is one of them. Mapping over members or over rows adds such an axis."
            )
            return _Difference(_MEMBERS, words)
        # A kernel's leading sizes are those of its input; the layer's own width is last.
        wide = [path for path in other if mine.shapes[path][-1:] != given.shapes[path][-1:]]
        shown = next((path for path in wide if path.endswith("/kernel")), (wide or other)[0])
        size = (
            f" is {mine.shapes[shown][-1]} wide"
            if shown in wide and mine.shapes[shown]
            else " is one of them"
        )
        if not wide and all(mine.layers.get(path) == settings for path, settings in given.layers.items()):
            words = f"The model was initialised on inputs of another width: `{plain(shown)}` shows it."
            return _Difference(_INPUT, words)
        words = "The model that was initialised has arrays of other sizes than the given one"
        return _Difference("width", f"{words}: `{plain(shown)}`{size}.", _layer(shown))
    if sorted(mine.shapes.values()) == sorted(given.shapes.values()):
        words = (
            "The model that was initialised has arrays of the same sizes as the given one, under other names: "
            f"{listed(_modules(extra))}. flax derives each layer's initial weights from its name."
        )
        return _Difference("names", words, first)
    if not extra:
        words = f"The model that was initialised lacks arrays of the given one: {listed(missing)}."
        return _Difference("missing", words, _layer(min(missing)))
    new = set(_modules(extra)) - set(_modules(given.shapes))
    what, which = ("layers", new) if new else ("arrays", extra)
    words = f"The model that was initialised has {what} that the given one has not: {listed(which)}."
    return _Difference("layers", words + (" Others it lacks." if missing else ""), first)


def _setting_difference(mine: Initialisation, given: Initialisation) -> _Difference | None:
    for path, settings in given.layers.items():
        own = mine.layers.get(path, {})
        for name in settings:
            if name not in own or own[name] == settings[name] or not is_shown_name(name):
                continue
            value, where = own[name], f"In the model that was initialised, `{name}` of `{plain(path)}`"
            if isinstance(value, (bool, int, float)) or (isinstance(value, str) and is_shown_name(value)):
                return _Difference(name, f"{where} is {value}; the given model has another.", path)
            return _Difference(name, f"{where} differs from the given model's.", path)
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


def _modules(paths: Iterable[Path]) -> list[str]:
    """The outermost modules of some paths."""
    return sorted({path.split("/")[1] for path in paths if path.count("/") >= 1})


def _layer(path: Path) -> str:
    """The module that an array belongs to: its path without the collection and the array's own name."""
    return "/".join(path.split("/")[1:-1])


def weights(pair: ObservedPair) -> Divergence | bool | None:
    given = pair.reference.initialisations[0] if pair.reference.initialisations else None
    mine = pair.submission.initialisation_like(pair.reference)
    if given is None or mine is None or mine.shapes != given.shapes:
        return None
    both = [path for path in given.sums if path in mine.sums]
    if not both:
        return None
    if all(close(mine.sums[path], given.sums[path], _SAME_START) for path in both):
        return True
    known = mine.keys.get("params") is not None
    words = (
        "The initial weights differ from those of the given model"
        + (", although key and names are right" if known else "")
        + "."
    )
    shape = Shape.CHANGED if known else None
    facts = {"differs": "weights"}
    return Divergence(Stage.WEIGHTS, shape, words, line=mine.seen.line, hint="init", facts=facts)


def gradient_params(pair: ObservedPair) -> Divergence | bool | None:
    """Compare the parameters at which the gradient was taken, which can differ from the initial ones."""
    given = pair.reference.initialisations[0].sums if pair.reference.initialisations else {}
    call = pair.submission.differentiated
    wanted = {path: total for path, total in given.items() if path.startswith(PARAMS)}
    if not wanted or call is None:
        return None
    used: dict[Path, Sum] = {}
    for path in wanted:
        found = [
            total
            for own, total in pair.submission.gradient_params.items()
            if own.endswith(path.removeprefix(PARAMS[:-1]))
        ]
        if len(found) != 1:
            return None
        used[path] = found[0]
    if all(close(used[path], wanted[path], _SAME_START) for path in wanted):
        return True
    if not any(total.size for total in used.values()):
        return None  # an offset that is added to the parameters and begins at 0
    words = "The gradient was taken at other parameters than those that this seed and this model begin with."
    if not pair.submission.initialisations:
        words += " No model was seen to be initialised in this call."
    return Divergence(Stage.GRADIENT_PARAMS, None, words, line=call.line, hint=call.text("api"))


BEGAN_RIGHT = "from the right initial weights"
AS_INITIALISED = "although the weights that `init` gave are right"


def began(pair: ObservedPair) -> str:
    """Describe the weights at which a loss was taken: they can be changed after `init`."""
    return BEGAN_RIGHT if gradient_params(pair) is True else AS_INITIALISED


def from_the_start(pair: ObservedPair) -> bool:
    """Return True if the training is known to have begun at the right parameters."""
    said = gradient_params(pair)
    return said is True or (said is None and weights(pair) is True)
