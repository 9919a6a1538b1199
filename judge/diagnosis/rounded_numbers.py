"""Explains wrong answers that are the right numbers with digits missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from judge.compare import Mismatch, is_within
from judge.diagnosis import messages
from judge.diagnosis.context import Run
from judge.diagnosis.divergence.precision import Answered, way_of
from judge.diagnosis.explanation import Explained, Explanation
from judge.model import Json
from judge.vocabulary import Shape, Stage


def find_rounded_numbers(run: Run, explained: Explained) -> Iterator[Explanation]:
    """Explain the answers that are right as far as their small type allows; else all, if one way of rounding fits."""
    named = run.naming.of(Stage.ANSWER, Shape.ROUNDED)
    if named is None:
        return
    wrong = [case for case in run.outcomes.wrong(Mismatch.VALUE) if case not in explained.cases]
    coarse = _of_small_types(run, wrong)
    way = None if coarse or not wrong else way_of(_answered(run, [*run.outcomes.right, *wrong]))
    if coarse:
        dtype = run.outcomes.returned[coarse[0]].dtype
        how = f" as far as its type can hold it: {dtype} keeps two or three digits"
        fact: dict[str, Json] = {"dtype": dtype}
    elif way is not None:
        how, fact = f", {way.words}", {"kept": way.words}
    else:
        return
    cases = coarse or wrong
    yield run.explanation(
        named.code,
        f"{messages.some_of(len(cases), run.started)} the answer is the right number{how}.",
        {"cases": len(cases), "of": run.started, **fact},
        span=run.place(),
        cases=cases,
    )


def _of_small_types(run: Run, cases: list[str]) -> list[str]:
    """Return the cases whose right number was returned in a type that keeps too few of its digits."""
    import numpy as np

    coarse = []
    for case in cases:
        dtype = run.outcomes.returned[case].dtype
        got, golden = run.outcomes.returned[case].array, run.goldens[case]
        if dtype not in _DIGITS or got is None or got.shape != golden.expected.shape:
            continue
        allowed = golden.tolerance + np.abs(golden.expected) * _DIGITS[dtype]
        if is_within(got, golden.expected, allowed):
            coarse.append(case)
    return coarse


def _answered(run: Run, cases: Iterable[str]) -> list[Answered]:
    """All numbers of these cases, each with the expected one."""
    found = []
    for case in cases:
        got, golden = run.outcomes.returned[case].array, run.goldens[case]
        assert got is not None, "it was compared"
        pairs = zip(got.ravel().tolist(), golden.expected.ravel().tolist(), strict=True)
        found += [Answered(float(mine), right, golden.tolerance) for mine, right in pairs]
    return found


_DIGITS = {"float16": 2.0**-11, "bfloat16": 2.0**-8}
"""The relative error of rounding to these types."""
