"""A public case on which a submission is wrong, and which is small enough to be followed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from judge.model import (
    Case,
    CheckId,
    CheckKind,
    CheckResult,
    Counterexample,
    Inputs,
    Outcome,
    Visibility,
)

if TYPE_CHECKING:
    from judge.model import Array

SMALL = 24
"""The most numbers in the inputs of a case that is small."""


def small_public_case(cases: Sequence[Case], checks: Sequence[CheckResult]) -> Counterexample | None:
    """Return the smallest public case with a wrong finite number, if it is small; ``checks`` are the report's."""
    results = {check.id: check for check in checks}
    wrong = [
        (case, results[check_id])
        for case in cases
        if case.visibility is Visibility.PUBLIC
        and (check_id := CheckId.of(CheckKind.CASE, case.id)) in results
        and is_wrong_number(results[check_id])
    ]
    if not wrong:
        return None
    case, check = min(wrong, key=lambda pair: size_of(pair[0].inputs))
    if size_of(case.inputs) > SMALL:
        return None
    return Counterexample(
        inputs={name: plain(value) for name, value in case.inputs.items()},
        expected=check.expected or (),
        got=check.got,
        raised=None,
        tolerance=check.tolerance or 0.0,
    )


def is_wrong_number(check: CheckResult) -> bool:
    """Return whether a case was answered with finite numbers in the right shape, and they are wrong."""
    return (
        check.outcome is Outcome.FAILED
        and check.difference is not None
        and bool(np.isfinite(check.got or ()).all())
    )


def size_of(inputs: Inputs) -> int:
    """Return how many numbers the inputs hold."""
    return sum(int(np.size(value)) for value in inputs.values())


def plain(value: float | int | Array) -> object:
    """Return an input as JSON: arrays as nested lists of numbers in their shortest form."""
    if isinstance(value, np.ndarray):
        if value.ndim:
            return [plain(part) for part in value]
        value = value[()]
    if isinstance(value, np.floating):
        return float(str(value))
    return int(value) if isinstance(value, int | np.integer) else float(value)
