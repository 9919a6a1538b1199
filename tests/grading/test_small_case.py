"""A small public case with a wrong number is the counterexample; no search is needed then."""

from __future__ import annotations

import math

import numpy as np

from judge.model import Case, CheckKind, CheckResult, Origin, Outcome, Visibility
from judge.solutions.small_case import SMALL, small_public_case


def case(name: str, rows: int, visibility: Visibility = Visibility.PUBLIC) -> Case:
    inputs = {"x": np.full((rows, 1), 101.25, np.float32), "lr": 0.5}
    return Case(f"tests/{name}", "a test", inputs, 1.0, visibility, Origin.WRITTEN, name)


def check(name: str, got: float | None = 2.0, outcome: Outcome = Outcome.FAILED) -> CheckResult:
    return CheckResult(
        id=f"case:tests/{name}",
        kind=CheckKind.CASE,
        title="a test",
        outcome=outcome,
        points=0.0,
        out_of=1.0,
        expected=(1.0,),
        got=None if got is None else (got,),
        tolerance=0.25,
        difference=None if got is None else 4.0,
    )


def test_the_smallest_wrong_public_case_is_shown_with_its_numbers() -> None:
    found = small_public_case([case("two", 2), case("one", 1)], [check("two"), check("one", 3.0)])
    assert found is not None
    assert found.inputs == {"x": [[101.25]], "lr": 0.5}
    assert (found.expected, found.got, found.tolerance) == ((1.0,), (3.0,), 0.25)


def test_hidden_right_and_unanswered_cases_are_not_shown() -> None:
    cases = [case("one", 1, Visibility.HIDDEN), case("two", 2), case("three", 3), case("four", 4)]
    checks = [
        check("one"),
        check("two", outcome=Outcome.PASSED),
        check("three", None),
        check("four", math.nan),
    ]
    assert small_public_case(cases, checks) is None
    found = small_public_case([*cases, case("five", 5)], [*checks, check("five")])
    assert found is not None
    assert found.inputs["x"] == [[101.25]] * 5


def test_a_large_case_is_left_to_the_search() -> None:
    assert small_public_case([case("large", SMALL)], [check("large")]) is None
