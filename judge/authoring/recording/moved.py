"""Describes what a new recording changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from judge.exercise.golden_file import RecordedCase
from judge.model import WrongReturn

if TYPE_CHECKING:
    from judge.model import Float64Array


SHOWN = 12
"""The most changes that are listed one by one."""
ALONE = 3
"""The most changes of one kind, and of one case, that are listed where there are more than `SHOWN` in all."""


@dataclass(frozen=True)
class Moved:
    """One change: ``line`` describes it; ``kind`` is equal for the changes of one thing in several cases."""

    line: str
    kind: str
    case_id: str


def what_moved(old: RecordedCase | None, new: RecordedCase) -> list[Moved]:
    """Return what changed in one case, old value first."""
    name, golden = new.golden.case_id, new.golden
    if old is None:
        line = f"{name}: new, expected {spelt(golden.expected)} ± {golden.tolerance:.2g}"
        return [Moved(line, "new cases", name)]
    moved = []
    if not np.array_equal(old.golden.expected, golden.expected):
        line = f"{name}: expected {spelt(old.golden.expected)} → {spelt(golden.expected)}"
        moved.append(Moved(line, "expected values changed", name))
    if old.golden.tolerance != golden.tolerance:
        line = f"{name}: tolerance {old.golden.tolerance:.3g} → {golden.tolerance:.3g}"
        moved.append(Moved(line, "tolerances changed", name))
    for code in sorted(old.golden.misconceptions.keys() | golden.misconceptions.keys()):
        before, after = old.golden.misconceptions.get(code), golden.misconceptions.get(code)
        if _returned(before) != _returned(after):
            line = f"{name}: {code} {_returned(before)} → {_returned(after)}"
            moved.append(Moved(line, f"values of {code} changed", name))
    return moved


def summed_up(moved: Sequence[Moved]) -> Iterator[str]:
    """Yield the lines to print: of many changes of one kind, or in one case, their number and the first of them."""
    if len(moved) <= SHOWN:
        yield from (one.line for one in moved)
        return
    by_kind = grouped(moved, lambda one: one.kind)
    few = [one for lines in by_kind.values() if len(lines) <= ALONE for one in lines]
    for kind, lines in by_kind.items():
        if len(lines) > ALONE:
            yield f"{len(lines)} {kind}, the first of them {lines[0].line}"
    for case_id, lines in grouped(few, lambda one: one.case_id).items():
        if len(lines) > ALONE:
            first = lines[0].line.removeprefix(f"{case_id}: ")
            yield f"{case_id}: {len(lines)} values changed, the first of them {first}"
        else:
            yield from (one.line for one in lines)


def grouped(moved: Sequence[Moved], key: Callable[[Moved], str]) -> dict[str, list[Moved]]:
    """Return the changes by key, in order of appearance."""
    groups: dict[str, list[Moved]] = {}
    for one in moved:
        groups.setdefault(key(one), []).append(one)
    return groups


def _returned(wrong: WrongReturn | None) -> str:
    if wrong is None:
        return "(none)"
    return f"raises {wrong.raises}" if wrong.value is None else spelt(wrong.value)


def spelt(array: Float64Array | None) -> str:
    if array is None:
        return "nothing"
    numbers = [f"{number:.8g}" for number in array.ravel()[:4]]
    more = ", ..." if array.size > 4 else ""
    return numbers[0] if array.size == 1 else f"[{', '.join(numbers)}{more}]"
