"""Describes what a new recording changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from judge.exercise.golden_file import RecordedCase
from judge.model import WrongReturn

if TYPE_CHECKING:
    from judge.model import Float64Array


def what_moved(old: RecordedCase | None, new: RecordedCase) -> list[str]:
    """Return what changed in one case, one line each, old value first."""
    name, golden = new.golden.case_id, new.golden
    if old is None:
        return [f"{name}: new, expected {spelt(golden.expected)} ± {golden.tolerance:.2g}"]
    lines = []
    if not np.array_equal(old.golden.expected, golden.expected):
        lines.append(f"{name}: expected {spelt(old.golden.expected)} → {spelt(golden.expected)}")
    if old.golden.tolerance != golden.tolerance:
        lines.append(f"{name}: tolerance {old.golden.tolerance:.3g} → {golden.tolerance:.3g}")
    for code in sorted(old.golden.misconceptions.keys() | golden.misconceptions.keys()):
        before, after = old.golden.misconceptions.get(code), golden.misconceptions.get(code)
        if _returned(before) != _returned(after):
            lines.append(f"{name}: {code} {_returned(before)} → {_returned(after)}")
    return lines


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
