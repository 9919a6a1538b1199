"""Guards: conditions on the inputs under which a mistake could hide, such as "N > 128" or "lr = 0".

A wrong solution is often right on ordinary inputs: it trains on the first 32 rows, rounds large seeds, or replaces a
learning rate of 0.  Each such condition is a corner of the input space, and a corner that no case enters is not
graded.  Most guards follow from the parameters and from ``SPACE`` in ``reference/strategies.py``, which gives the
smallest and the largest value of each size and parameter.  An author adds others in ``GUARDS`` and lists those that
are not part of the exercise in ``OUT_OF_SCOPE``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from judge.exercise.cases import CaseEntry
from judge.exercise.problems import did_you_mean, shown
from judge.model import Exercise, ExerciseError, Inputs, Json, Parameter, Visibility
from judge.solutions.strategies import blaming, load_strategies, place_of

if TYPE_CHECKING:
    from judge.model import Float64Array

Range = tuple[float, float]

BATCH_SIZES = (8, 16, 32, 64, 100, 128)
"""Common values of BATCH_SIZE: rows beyond the last whole batch are easily lost."""

SCALAR_BOUNDS = (2**8, 2**16, 2**24, 2**31)
"""Limits of narrower number types: 8, 16 and 32 bits, and the exact integers of float32."""

ARRAY_BOUNDS = (10, 100, 1000, 10_000)
"""Sizes above which people scale, clip or standardise."""

TINY_SCALAR, SMALL_ARRAY = 1e-3, 0.1

WANTED_CASES = 2
"""Cases that should enter each guard, one of them hidden."""


@dataclass(frozen=True)
class Guard:
    """A named condition on one call's inputs. ``out_of_scope`` is the reason why no case needs to enter it, or ''."""

    name: str
    lets_in: Callable[[Inputs], bool]
    out_of_scope: str = ""


@dataclass(frozen=True)
class GuardCoverage:
    """The cases that enter a guard, by visibility."""

    guard: Guard
    public: tuple[str, ...]
    hidden: tuple[str, ...]

    @property
    def cases(self) -> tuple[str, ...]:
        return (*self.public, *self.hidden)

    @property
    def enough(self) -> bool:
        return len(self.cases) >= WANTED_CASES and bool(self.hidden)

    def to_json(self) -> Json:
        return {
            "guard": self.guard.name,
            "public": len(self.public),
            "hidden": len(self.hidden),
            "out_of_scope": self.guard.out_of_scope or None,
        }


def coverage_of(guards: Sequence[Guard], entries: Sequence[CaseEntry]) -> tuple[GuardCoverage, ...]:
    """Return which cases enter each guard."""

    def entering(guard: Guard, visibility: Visibility) -> tuple[str, ...]:
        return tuple(
            entry.case.id
            for entry in entries
            if entry.case.visibility is visibility and guard.lets_in(entry.case.inputs)
        )

    return tuple(
        GuardCoverage(guard, entering(guard, Visibility.PUBLIC), entering(guard, Visibility.HIDDEN))
        for guard in guards
    )


def load_guards(exercise: Exercise) -> tuple[Guard, ...]:
    """Return the guards of an exercise; () where its strategies declare no ``SPACE``.

    Raises ExerciseError, naming the file, when a declaration cannot be used.
    """
    module = load_strategies(exercise)
    if module is None or not hasattr(module, "SPACE"):
        return ()
    space = _space(exercise, module.SPACE)
    guards = [*_size_guards(exercise, space), *_parameter_guards(exercise, space)]
    guards += [
        Guard(name, _called(exercise, condition))
        for name, condition in _declared(exercise, module, "GUARDS", callable, "a function of the inputs")
    ]
    excuses = {n: str(why) for n, why in _declared(exercise, module, "OUT_OF_SCOPE", _is_text, "a reason")}
    names = [guard.name for guard in guards]
    for name in excuses:
        if name not in names:
            raise _unusable(
                exercise, f"OUT_OF_SCOPE names no guard: {shown(name)}{did_you_mean(name, names)}"
            )
    return tuple(Guard(guard.name, guard.lets_in, excuses.get(guard.name, "")) for guard in guards)


# ------------------------------------------------------------------------------------------- from the parameters


def _size_guards(exercise: Exercise, space: Mapping[str, Range]) -> Iterator[Guard]:
    symbols = [symbol for symbol in _symbols(exercise) if symbol in space]

    def on(symbol: str, holds: Callable[[int], bool]) -> Callable[[Inputs], bool]:
        return lambda inputs: holds(sizes_of(exercise, inputs)[symbol])

    for symbol in symbols:
        low, high = space[symbol]
        if low <= 1:
            yield Guard(f"{symbol} = 1", on(symbol, lambda n: n == 1))
        bound = 1
        while bound < high:
            if bound >= low:
                yield Guard(f"{symbol} > {bound}", on(symbol, _above(bound)))
            bound *= 2
        if high > 1:
            yield Guard(f"{symbol} odd, above 1", on(symbol, lambda n: n > 1 and n % 2 == 1))
        for size in BATCH_SIZES:
            if size < high:
                name = f"{symbol} > {size}, no multiple of it"
                yield Guard(name, on(symbol, _no_multiple_of(size)))

    def between(a: str, b: str, holds: Callable[[int, int], bool]) -> Callable[[Inputs], bool]:
        def lets_in(inputs: Inputs) -> bool:
            sizes = sizes_of(exercise, inputs)
            return min(sizes[a], sizes[b]) > 1 and holds(sizes[a], sizes[b])

        return lets_in

    for a, b in combinations(symbols, 2):
        yield Guard(f"{a} < {b}", between(a, b, lambda n, m: n < m))
        yield Guard(f"{a} = {b}", between(a, b, lambda n, m: n == m))
        yield Guard(f"{a} > {b}", between(a, b, lambda n, m: n > m))


def _parameter_guards(exercise: Exercise, space: Mapping[str, Range]) -> Iterator[Guard]:
    for parameter in exercise.parameters:
        if parameter.name in space and parameter.kind == "array":
            yield from _array_guards(parameter, *space[parameter.name])
        elif parameter.name in space:
            yield from _scalar_guards(parameter, *space[parameter.name])


def _scalar_guards(parameter: Parameter, low: float, high: float) -> Iterator[Guard]:
    name = parameter.name

    def on(holds: Callable[[float], bool]) -> Callable[[Inputs], bool]:
        return lambda inputs: holds(float(inputs[name]))

    if low <= 0 <= high:
        yield Guard(f"{name} = 0", on(lambda value: value == 0))
    if low < 0:
        yield Guard(f"{name} < 0", on(lambda value: value < 0))
    if parameter.kind == "float":
        if high > 0:
            yield Guard(f"0 < {name} < {TINY_SCALAR:g}", on(lambda value: 0 < value < TINY_SCALAR))
        yield Guard(f"{name} fractional", on(lambda value: value != int(value)))
        yield Guard(f"{name} whole, not 0", on(lambda value: value != 0 and value == int(value)))
    if high > 1:
        yield Guard(f"{name} > 1", on(lambda value: value > 1))
    for bound in SCALAR_BOUNDS:
        if high >= bound:
            yield Guard(f"{name} >= 2^{bound.bit_length() - 1}", on(_at_least(bound)))


def _array_guards(parameter: Parameter, low: float, high: float) -> Iterator[Guard]:
    name = parameter.name

    def on(holds: Callable[[Float64Array], object]) -> Callable[[Inputs], bool]:
        return lambda inputs: bool(holds(np.asarray(inputs[name], dtype=np.float64)))

    def reaches(bound: float) -> Callable[[Inputs], bool]:
        return on(lambda array: np.abs(array).max() > bound)

    largest = max(abs(low), abs(high))
    for bound in ARRAY_BOUNDS:
        if largest > bound:
            yield Guard(f"|{name}| > {bound} somewhere", reaches(bound))
    if low < SMALL_ARRAY:
        yield Guard(f"|{name}| < {SMALL_ARRAY:g} everywhere", on(lambda a: 0 < np.abs(a).max() < SMALL_ARRAY))
    if low <= 0 <= high:
        yield Guard(f"{name} = 0 everywhere", on(lambda a: not a.any()))
    if low < 0:
        yield Guard(f"{name} < 0 somewhere", on(lambda a: (a < 0).any()))
        yield Guard(f"{name} >= 0 everywhere", on(lambda a: (a >= 0).all() and a.any()))
    if len(parameter.shape or ()) > 1:
        yield Guard(
            f"{name} has a constant column", on(lambda a: len(a) > 1 and (np.ptp(a, axis=0) == 0).any())
        )
        yield Guard(f"{name} has a column far from 0", on(_off_centre))
    if parameter.shape:
        row = "rows" if len(parameter.shape) > 1 else "values"
        yield Guard(f"{name} has equal {row}", on(lambda a: len(np.unique(a, axis=0)) < len(a)))
        if low <= 0 <= high:
            zero = "a row of zeros" if len(parameter.shape) > 1 else "a 0"
            yield Guard(f"{name} has {zero} among others", on(_has_zeros_among_others))


def _above(bound: float) -> Callable[[float], bool]:
    return lambda value: value > bound


def _at_least(bound: float) -> Callable[[float], bool]:
    return lambda value: value >= bound


def _no_multiple_of(size: int) -> Callable[[int], bool]:
    return lambda n: n > size and n % size != 0


def _off_centre(array: Float64Array) -> bool:
    """True if a column varies, but by less than the size of its mean."""
    spread = array.std(axis=0)
    return bool(((spread > 0) & (np.abs(array.mean(axis=0)) > spread)).any())


def _has_zeros_among_others(array: Float64Array) -> bool:
    """True if a row is 0, as padding is, and another is not."""
    filled = array.reshape(len(array), -1).any(axis=1)
    return bool(filled.any() and not filled.all())


def sizes_of(exercise: Exercise, inputs: Inputs) -> dict[str, int]:
    """Return the sizes that the symbols in the parameters' shapes stand for in one call."""
    sizes: dict[str, int] = {}
    for parameter in exercise.parameters:
        for symbol, size in zip(parameter.shape or (), np.shape(inputs[parameter.name]), strict=True):
            if isinstance(symbol, str):
                sizes[symbol] = size
    return sizes


# ------------------------------------------------------------------------------------------ from the declarations


def _symbols(exercise: Exercise) -> list[str]:
    """Return the symbols of all shapes, in order of appearance."""
    steps = [step for parameter in exercise.parameters for step in parameter.shape or ()]
    return list(dict.fromkeys(step for step in steps if isinstance(step, str)))


def _space(exercise: Exercise, declared: object) -> dict[str, Range]:
    known = [*_symbols(exercise), *(parameter.name for parameter in exercise.parameters)]
    if not isinstance(declared, Mapping):
        raise _unusable(exercise, f"SPACE must be a dict, got {shown(declared)}")
    for name, limits in declared.items():
        if name not in known:
            raise _unusable(
                exercise, f"SPACE names no size or parameter: {shown(name)}{did_you_mean(str(name), known)}"
            )
        if not _is_range(limits):
            raise _unusable(
                exercise, f"SPACE[{name!r}] must be (smallest, largest), two numbers, got {shown(limits)}"
            )
    missing = [name for name in known if name not in declared]
    if missing:
        raise _unusable(exercise, f"SPACE says nothing of {', '.join(missing)}")
    return {name: (float(low), float(high)) for name, (low, high) in declared.items()}


def _is_range(value: object) -> bool:
    return (
        isinstance(value, tuple | list)
        and len(value) == 2
        and all(isinstance(number, int | float) and not isinstance(number, bool) for number in value)
        and value[0] <= value[1]
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _declared(
    exercise: Exercise, module: object, name: str, fits: Callable[[object], bool], wanted: str
) -> list[tuple[str, object]]:
    """Return the entries of an optional dict whose keys are names of guards."""
    declared = getattr(module, name, {})
    if not isinstance(declared, Mapping):
        raise _unusable(exercise, f"{name} must be a dict, got {shown(declared)}")
    for key, value in declared.items():
        if not _is_text(key) or not fits(value):
            raise _unusable(exercise, f"{name}[{shown(key)}] must be {wanted}, got {shown(value)}")
    return list(declared.items())


def _called(exercise: Exercise, condition: object) -> Callable[[Inputs], bool]:
    """Wrap an author's condition: it gets the inputs by name, and its exceptions are the author's errors."""
    assert callable(condition)

    def lets_in(inputs: Inputs) -> bool:
        with blaming(exercise):
            return bool(condition(**inputs))

    return lets_in


def _unusable(exercise: Exercise, message: str) -> ExerciseError:
    return ExerciseError(f"{place_of(exercise)}: {message}")
