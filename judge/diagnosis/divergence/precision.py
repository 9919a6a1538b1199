"""Recognises right numbers that lost digits: rounded or cut off, in decimals, digits or a smaller type.

All answers must fit one way of keeping digits.  Two coincidences are ruled out: numbers that are near the right ones
and by nature have few digits, and numbers that have few digits and merely lie near the right ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Grid = Callable[[float], float]
"""Returns the distance between neighbouring numbers that can be kept, at the size of a number."""
_PRECISIONS = (2.0**-52, 2.0**-23)
"""The relative distance between neighbouring numbers in a Python float, and in a float32."""
_KEPT = 4.0
"""The fewest digits, in total over all answers, that must agree with the right ones: fewer can be chance."""
_LOST = 6.0
"""The fewest digits, in total over all different answers, that the precision has and the answers do not use."""


@dataclass(frozen=True)
class Way:
    """One way of keeping only some digits of a number."""

    words: str
    """The description, as it follows "the right number"."""
    grid: Grid
    cut: bool = False
    """True if digits are dropped, so that the number never grows; else it is rounded to the nearest."""


@dataclass(frozen=True)
class Answered:
    """One returned number, with the expected one."""

    got: float
    expected: float
    tolerance: float


def way_of(answers: Sequence[Answered]) -> Way | None:
    """Return the way of rounding that turns right numbers into all answers; None if none does or it can be chance."""
    fitting = (way for way in _ways() if any(_fits(way, answers, precision) for precision in _PRECISIONS))
    return next(fitting, None)


def _ways() -> Iterator[Way]:
    """Yield the known ways, the coarsest first."""
    yield Way("rounded to a whole number", _decimals(0))
    yield Way("cut off at the decimal point", _decimals(0), cut=True)
    for count in range(1, 7):
        yield from _both(count, "decimal", _decimals(count))
    for count in range(1, 7):
        yield from _both(count, "significant digit", _digits(count))
    yield Way("rounded to what bfloat16 can hold", _bits(8, 2.0**-133))
    yield Way("rounded to what float16 can hold", _bits(11, 2.0**-24))


def _both(count: int, unit: str, grid: Grid) -> Iterator[Way]:
    kept = f"{count} {unit}s" if count > 1 else f"one {unit}"
    yield Way(f"rounded to {kept}", grid)
    yield Way(f"cut off after {kept}", grid, cut=True)


def _decimals(count: int) -> Grid:
    return lambda number: 10.0**-count


def _digits(count: int) -> Grid:
    return lambda number: 10.0 ** (math.floor(math.log10(abs(number))) - count + 1) if number else 0.0


def _bits(count: int, least: float) -> Grid:
    return lambda number: max(math.ldexp(1.0, math.frexp(number)[1] - count), least)


def _fits(way: Way, answers: Sequence[Answered], precision: float) -> bool:
    if not all(_is_kept(way, answer, precision) for answer in answers):
        return False
    kept = sum(_digits_between(abs(it.expected), way.grid(it.expected)) for it in answers)
    different = {it.got: it for it in answers}.values()
    lost = sum(_digits_between(way.grid(it.expected), 4 * precision * abs(it.got)) for it in different)
    return kept >= _KEPT and lost >= _LOST and len(different) > 1


def _is_kept(way: Way, answer: Answered, precision: float) -> bool:
    """Return True if this way turns the right number into this answer."""
    grid = way.grid(answer.expected)
    noise = 2 * precision * abs(answer.got)
    if not grid or (noise < grid and abs(answer.got - round(answer.got / grid) * grid) > noise):
        return False
    slack = answer.tolerance + noise
    if way.cut:
        lost = abs(answer.expected) - abs(answer.got)
        return answer.got * answer.expected >= 0 and -slack <= lost <= grid + slack
    return abs(answer.got - answer.expected) <= grid / 2 + slack


def _digits_between(number: float, part: float) -> float:
    """The number of decimal digits between a number and a smaller part of it; 0 if it is no such part."""
    return math.log10(number / part) if 0 < part < number else 0.0
