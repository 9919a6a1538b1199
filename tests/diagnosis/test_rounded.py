"""Right numbers with some digits missing are told as rounded, by whatever means; other numbers never are."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from support.made import case, exercise, golden, misconception, observation, step, submission, value

from judge.diagnosis import diagnose
from judge.diagnosis.divergence.precision import Answered, way_of
from judge.model import Finding

LOSSES = (3.1811408, 0.31265917, 1.2080415, 0.00791532, 87.912346, 15.338791, 0.7734126, 2.6490113)
TOLERANCE = 1e-6
Way = Callable[[float], float]


def found(made: Way, losses: tuple[float, ...] = LOSSES) -> str:
    way = way_of([Answered(float(made(loss)), loss, TOLERANCE * loss) for loss in losses])
    return way.words if way is not None else ""


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda v: round(v, 5), "rounded to 5 decimals"),
        (lambda v: round(v, 1), "rounded to one decimal"),
        (lambda v: float(f"{v:.4f}"), "rounded to 4 decimals"),
        (lambda v: np.round(np.float32(v), 4), "rounded to 4 decimals"),
        (lambda v: np.rint(np.float32(v) * np.float32(1e3)) / np.float32(1e3), "rounded to 3 decimals"),
        (lambda v: int(v * 1e4) / 1e4, "cut off after 4 decimals"),
        (lambda v: math.floor(v * 100) / 100, "cut off after 2 decimals"),
        (lambda v: float(f"{v:.4g}"), "rounded to 4 significant digits"),
        (lambda v: float(f"{v:.2e}"), "rounded to 3 significant digits"),
        (lambda v: np.float32(np.float16(v)), "rounded to what float16 can hold"),
        (round, "rounded to a whole number"),
        (int, "cut off at the decimal point"),
    ],
)
def test_every_way_of_rounding_is_told(made: Way, words: str) -> None:
    assert found(made) == words


@pytest.mark.parametrize(
    "made",
    [
        lambda v: v,
        lambda v: v * 1.0001,
        lambda v: round(v * 1.01, 3),
        lambda v: np.float32(v * 1.0003),
        lambda v: 0.0,
        lambda v: 3.0,
        lambda v: round(v, 3) + 0.001,
        lambda v: np.float16(v * 1.01),
        lambda v: math.ceil(v * 1e3) / 1e3,
    ],
)
def test_other_numbers_are_not_told_as_rounded(made: Way) -> None:
    assert found(made) == ""


def test_one_answer_that_does_not_fit_is_enough() -> None:
    assert found(lambda v: round(v, 4)) == "rounded to 4 decimals"
    assert found(lambda v: v if v > 50 else round(v, 4)) == ""


def test_few_digits_that_agree_can_be_chance() -> None:
    assert found(lambda v: round(v), (3.1, 0.9)) == ""
    assert found(lambda v: round(v, 3), (3.1811408, 0.31265917)) == "rounded to 3 decimals"
    assert found(lambda v: round(v, 3), (3.1811408, 3.1811408)) == "", "the same answer twice is one"


CASES = [case("a"), case("b"), case("c"), case("h", hidden=True)]
EXPECTED = dict(zip("abch", (3.1811408, 0.31265917, 500.0, 1.2080415), strict=True))


def findings(made: Way, bank: str = "result-rounded") -> tuple[Finding, ...]:
    goldens = {name: golden(name, number) for name, number in EXPECTED.items()}
    seen = observation(**{name: step(value(made(number))) for name, number in EXPECTED.items()})
    return diagnose(exercise(), submission(), seen, CASES, goldens, [misconception(bank)]).findings


def test_the_finding_says_how_it_was_rounded_and_counts_the_wrong_answers() -> None:
    (finding,) = findings(lambda v: round(v, 3))
    assert finding.code == "result-rounded"
    assert "In 3 of 4 cases the answer is the right number, rounded to 3 decimals." in finding.message
    assert set(finding.checks) == {"case:a", "case:b", "case:h"}, "500 loses nothing"
    assert [f.code for f in findings(lambda v: round(v * 1.01, 3))] == ["unrecognised-wrong-answer"]


def test_an_exercise_without_such_a_misconception_has_no_page_for_it() -> None:
    assert [f.code for f in findings(lambda v: round(v, 3), "another")] == ["unrecognised-wrong-answer"]
