"""Ends the calls of a program that raises the same exception, or needs too much memory, whatever it is given.

The first case, the largest and one with a zero among its numbers are as different as the public cases are.  Where the
same exception leaves the same lines in all of them, another case costs time and tells nothing new.  The texts are
compared up to their first digit, as shapes and values differ from case to case.  Programs that answer, or whose errors
differ, are called on every case, in the usual order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from judge.model import Case, Ended, StepObservation, Visibility
from judge.sandbox.call_loop import NextCall
from judge.sandbox.session import Call

FEW = 3
"""The fewest public cases by which a program is known to raise always."""
BROKEN_LIMITS = (Ended.MEMORY_LIMIT, Ended.THREAD_LIMIT)
_DIGIT = re.compile(r"\d")


def call_after_errors(cases: Sequence[Case]) -> NextCall:
    """Return the rule by which `judge.sandbox.call_loop` picks the next call, or ends the calls."""
    most_different = _most_different([case for case in cases if case.visibility is Visibility.PUBLIC])

    def next_call(made: Mapping[str, StepObservation], waiting: Sequence[Call]) -> Call | None:
        errors = {_error_of(step) for step in made.values()}
        if (
            len(most_different) < FEW
            or len(errors) != 1
            or None in errors
            or not made.keys() <= set(most_different)
        ):
            return waiting[0]
        left = [case for case in most_different if case not in made]
        return next((call for call in waiting if left and call.id == left[0]), None)

    return next_call


def _most_different(public: Sequence[Case]) -> list[str]:
    """Return the ids of the first case, the largest one, and one with a zero among its numbers, else a middle one."""
    if len(public) < FEW:
        return []
    first, *others = public
    largest = max(others, key=lambda case: sum(int(np.size(value)) for value in case.inputs.values()))
    others.remove(largest)
    third = next((case for case in others if _has_zero(case)), others[len(others) // 2])
    return [first.id, largest.id, third.id]


def _has_zero(case: Case) -> bool:
    return any(np.ndim(value) == 0 and not value for value in case.inputs.values())


def _error_of(step: StepObservation) -> tuple[str, str, tuple[int, ...]] | None:
    """Return what makes two exceptions the same: class, words and lines; None where the step ended well.

    One limit that is broken is the same as another time; where the program was then is left to chance.
    """
    if step.measured.ended in BROKEN_LIMITS:
        return step.measured.ended, "", ()
    raised = step.claimed.raised
    if step.measured.ended is not Ended.ANSWERED or raised is None:
        return None
    words = _DIGIT.split(raised.text, maxsplit=1)[0]
    return raised.type_name, words, tuple(frame.line for frame in raised.frames)
