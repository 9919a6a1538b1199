"""A wrong answer that is the right one times a factor: said only when one reading fits every case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from support.made import case, exercise, golden, misconception, observation, step, submission, value

from judge.diagnosis import diagnose
from judge.model import Finding

EXPECTED = {1: 0.5, 2: 1.5, 7: 2.5, 40: 3.5}


def found(factors: Mapping[int, float], *known: str) -> Finding:
    cases = [
        replace(case(f"n{n}"), inputs={"seed": 1.0, "x_batch": np.zeros((n, 2)), "y_batch": np.zeros(n)})
        for n in factors
    ]
    goldens = {f"n{n}": golden(f"n{n}", EXPECTED[n]) for n in factors}
    seen = observation(**{f"n{n}": step(value(EXPECTED[n] * factor)) for n, factor in factors.items()})
    bank = [misconception(name) for name in known]
    (finding,) = diagnose(exercise(), submission(), seen, cases, goldens, bank).findings
    return finding


@pytest.mark.parametrize(
    ("factors", "said"),
    [
        ({1: 1.0, 2: 2.0, 7: 7.0, 40: 40.0}, "it is N times (N is the number of rows) what it should be"),
        ({1: 2.0, 2: 2.0, 7: 2.0}, "it is twice what it should be"),
        ({1: 0.5, 2: 0.5}, "it is half what it should be"),
        ({2: 2.0, 7: 7 / 6, 40: 40 / 39}, "it is N/(N-1) times"),
    ],
)
def test_a_factor_that_fits_every_case_is_named(factors: Mapping[int, float], said: str) -> None:
    finding = found(factors, "loss-not-mean")
    assert (finding.code, finding.title) == ("loss-not-mean", "The returned loss has another factor")
    assert said in finding.message


@pytest.mark.parametrize(
    "factors",
    [
        {2: 2.0, 7: 2.5},
        {1: 1.0, 2: 2.0, 7: 7.0, 40: 1.0},  # right where the factor would show
        {2: 2.0},  # one case is too little
        {2: 2.001, 7: 7.0035},
    ],
)
def test_a_factor_that_fits_some_cases_is_not(factors: Mapping[int, float]) -> None:
    assert found(factors, "loss-not-mean").code == "unrecognised-wrong-answer"


def test_a_factor_needs_a_page() -> None:
    assert found({2: 2.0, 7: 7.0}).code == "unrecognised-wrong-answer"
