"""A misconception is named only when the submission does what it does, on every case and on enough that tell."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.made import (
    case,
    event,
    exercise,
    golden,
    misconception,
    observation,
    raised,
    step,
    submission,
    value,
)

from judge.diagnosis import Diagnosis, diagnose
from judge.diagnosis.fingerprint import Answer, matches
from judge.model import ClaimedException, ClaimedValue, Event, Golden, StepObservation, WrongReturn

CASES = [case(name) for name in "abcd"]
STALE = misconception("stale")
TWICE = misconception("twice")
GOLDENS = {
    "a": golden("a", 1.0, stale=2.0, twice=2.0),
    "b": golden("b", 1.0, stale=3.0, twice=3.0),
    "c": golden("c", 1.0, stale=1.0, twice=4.0),
    "d": golden("d", 1.0, stale="ValueError", twice=5.0),
}


def judged(
    *results: ClaimedValue | ClaimedException | None, goldens: dict[str, Golden] | None = None
) -> Diagnosis:
    steps = {c.id: step(r) for c, r in zip(CASES, results, strict=False) if r is not None}
    return diagnose(exercise(), submission(), observation(**steps), CASES, goldens or GOLDENS, [STALE, TWICE])


def codes(diagnosis: Diagnosis) -> list[str]:
    return [finding.code for finding in diagnosis.findings]


def test_all_cases_together_name_it() -> None:
    diagnosis = judged(value(2.0), value(3.0), value(1.0), raised("builtins.ValueError", "too many"))
    assert codes(diagnosis) == ["stale"]
    assert diagnosis.findings[0].checks == ("case:a", "case:b", "case:d")
    assert "In 2 of 4 cases" in diagnosis.findings[0].message
    assert "The errors in the other cases belong to it" in diagnosis.findings[0].message


def test_one_case_that_differs_clears_it() -> None:
    assert codes(judged(value(2.0), value(3.0), value(1.0), value(1.0))) == ["unrecognised-wrong-answer"]
    assert codes(judged(value(2.0), value(3.0), value(4.0), value(5.0))) == ["twice"]
    other = raised("builtins.KeyError", "x")
    assert set(codes(judged(value(2.0), value(3.0), value(1.0), other))) == {
        "unrecognised-exception",
        "unrecognised-wrong-answer",
    }


def test_a_case_that_it_leaves_right_must_be_right() -> None:
    assert codes(judged(value(2.0), value(3.0), value(1.5))) == ["unrecognised-wrong-answer"]


def test_two_mistakes_at_once_are_not_recognised() -> None:
    assert codes(judged(value(2.0), value(7.0))) == ["unrecognised-wrong-answer"]


def test_one_case_alone_is_too_little_when_others_could_have_spoken() -> None:
    assert codes(judged(value(2.0))) == ["unrecognised-wrong-answer"]
    only = {**GOLDENS, "b": golden("b"), "c": golden("c"), "d": golden("d")}
    only["a"] = golden("a", 1.0, stale=2.0)
    assert codes(judged(value(2.0), goldens=only)) == ["stale"]


def test_what_cannot_be_told_apart_is_named_with_the_other() -> None:
    diagnosis = judged(value(2.0), value(3.0))
    assert codes(diagnosis) == ["stale"]
    assert diagnosis.findings[0].facts["or"] == ["twice"]
    assert "cannot tell" in diagnosis.findings[0].message
    assert "itle of twice" in diagnosis.findings[0].message


def test_exceptions_alone_name_nothing() -> None:
    only = {name: golden(name, 1.0, stale="ValueError") for name in "abcd"}
    error = raised("builtins.ValueError", "too many")
    assert codes(judged(error, error, error, error, goldens=only)) == ["unrecognised-exception"]


def test_nan_matches_nan_and_nothing_else() -> None:
    nan = {name: golden(name, 1.0, stale=math.nan) for name in "ab"} | {n: golden(n) for n in "cd"}
    assert codes(judged(value(math.nan), value(math.nan), goldens=nan)) == ["stale"]
    assert codes(judged(value(math.nan), value(math.inf), goldens=nan)) == ["non-finite-output"]
    assert codes(judged(value(2.0), value(2.0), goldens=nan)) == ["unrecognised-wrong-answer"]


def test_a_wrong_number_in_a_wrong_shape_is_still_recognised() -> None:
    diagnosis = judged(value(2.0, shape=()), value(3.0, shape=()), value(4.0, shape=()), value(5.0, shape=()))
    assert codes(diagnosis) == ["twice"]


@given(st.floats(0.5, 2.0), st.floats(-1e-5, 1e-5))
def test_a_right_answer_is_never_accused(expected: float, off: float) -> None:
    goldens = {name: golden(name, expected, stale=expected + 3e-5, twice=expected * 2) for name in "abcd"}
    near = [value(expected + off * 0.99)] * 4
    assert codes(judged(*near, goldens=goldens)) == []


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.floats(-1, 1))
def test_noise_never_reaches_half_way_to_the_right_answer(
    expected: float, wrong: float, share: float
) -> None:
    goldens = {name: golden(name, expected, stale=wrong) for name in "abcd"}
    answers = {name: Answer(np.array([wrong + share * (expected - wrong)]), None) for name in "abcd"}
    for match in matches(answers, CASES, goldens, [STALE]):
        assert match.distinguishing
        assert abs(share) < 0.5 or abs(wrong - expected) <= 2e-5


def test_structure_decides_between_equal_numbers() -> None:
    layer = ["BatchNorm_0", {"class": "BatchNorm", "momentum": 0.9}, None]
    reference = (event("module-init", None, depth=0, layers=[layer]),)
    goldens = {
        name: replace(
            golden(name, 1.0, stats_averaged_again=2.0, model_momentum_default=2.0), events=reference
        )
        for name in "abcd"
    }
    both = [
        misconception("stats-averaged-again", "stats-updated-twice"),
        misconception("model-momentum-default", "model-changed"),
    ]

    def found(momentum: float) -> list[str]:
        norm = event("batch-norm", momentum=momentum, use_running_average=False, initialising=False)
        steps: dict[str, StepObservation] = {c.id: step(value(2.0), norm) for c in CASES}
        return codes(diagnose(exercise(), submission(), observation(**steps), CASES, goldens, both))

    assert found(0.9) == ["stats-updated-twice"]
    assert found(0.99) == ["model-changed"]


@pytest.mark.parametrize(("used", "code"), [(0.1, "loss-not-mean"), (0.4, "lr-misused")])
def test_the_optimizer_s_own_step_size_tells_a_sum_from_a_larger_rate(used: float, code: str) -> None:
    goldens = {name: golden(name, 1.0, loss_not_mean=2.0, lr_scaled_by_batch=2.0) for name in "abcd"}
    both = [misconception("loss-not-mean"), misconception("lr-scaled-by-batch", "lr-misused")]
    update = event("optimizer-update", step_size=used)
    steps = {c.id: step(value(2.0), update) for c in CASES}
    assert codes(diagnose(exercise(), submission(), observation(**steps), CASES, goldens, both)) == [code]


def test_recorded_values_of_another_shape_match_only_that_shape() -> None:
    column = WrongReturn(np.array([[1.0]]), None)
    goldens = {
        name: Golden(name, name, np.array([1.0]), 1e-5, 1e-7, {"stale": column, "twice": column})
        for name in "abcd"
    }
    assert codes(judged(*[value(1.0)] * 4, goldens=goldens)) == []
    assert "stale" in codes(judged(*[value(1.0, shape=(1, 1))] * 4, goldens=goldens))


# ------------------------------------------------------------------------------------------- what confirms it

STATS = "stale-batch-stats"


def course_of(mean: float) -> tuple[Event, ...]:
    """A run that evaluates with this running mean; the initial one is 0."""
    start = {"params": [["k", [1.0, 1.0]]], "batch_stats": [["m", [0.0, 0.0]]]}
    end = {"params": [["k", [2.0, 2.0]]], "batch_stats": [["m", [mean, mean]]]}
    norm = {"path": "BatchNorm_0", "use_running_average": True}
    shapes = {"params": [["k", [1]]], "batch_stats": [["m", [1]]]}
    return (
        event("module-init", 2, depth=0, variables=shapes, keys={}, sums=start, began=1),
        event("grad-call", 3, value=None, began=2),
        event("module-apply", 4, depth=0, differentiated=True, norms=[], sums={}, began=3),
        event("module-apply", 5, depth=0, differentiated=False, norms=[norm], sums=end, began=4),
    )


def of_numbers(*events: Event) -> list[tuple[str, str, str]]:
    goldens = {
        name: replace(golden(name, 1.0, stale_batch_stats=2.0), events=course_of(0.5)) for name in "ab"
    }
    steps = {name: step(value(2.0), *events) for name in "ab"}
    bank = [misconception(STATS)]
    found = diagnose(exercise(), submission(), observation(**steps), CASES[:2], goldens, bank).findings
    return [(f.code, f.title, f.message) for f in found]


def test_a_mechanism_is_told_where_the_course_confirms_it() -> None:
    ((code, title, message),) = of_numbers(*course_of(0.0))
    assert (code, title) == (STATS, f"Title of {STATS}")
    assert f"This is {STATS}." in message
    assert "did not see" not in message


def test_numbers_alone_are_told_as_numbers() -> None:
    ((code, title, message),) = of_numbers()
    assert (code, title) == (STATS, "The numbers are those of a known mistake")
    assert f"the very number that this mistake gives: title of {STATS}".lower() in message.lower()
    assert "the judge did not see" in message
    assert f"This is {STATS}." not in message


def test_numbers_are_no_mistake_that_the_course_contradicts() -> None:
    ((code, _, message),) = of_numbers(*course_of(0.5))
    assert code == "unrecognised-wrong-answer"
    assert "stale" not in message


MANY = [case(name) for name in "abcdefgh"]
BY_NAME = {c.id: golden(c.id, 1.0, stale=10.0 + n) for n, c in enumerate(MANY)}


def told_of_many(**changed: float) -> list[tuple[str, set[str]]]:
    """Codes and cases of the errors of a program that gives the numbers of ``stale`` in all other cases."""
    numbers = {c.id: changed.get(c.id, 10.0 + n) for n, c in enumerate(MANY)}
    seen = observation(**{name: step(value(number)) for name, number in numbers.items()})
    found = diagnose(exercise(), submission(), seen, MANY, BY_NAME, [STALE, TWICE]).findings
    return [(f.code, {check.removeprefix("case:") for check in f.checks}) for f in found]


def test_a_mistake_that_fits_most_wrong_answers_is_named_for_those() -> None:
    assert told_of_many() == [("stale", set("abcdefgh"))]
    rest = ("unrecognised-wrong-answer", {"h"})
    assert told_of_many(h=7.0) == [("stale", set("abcdefg")), rest]
    assert told_of_many(g=6.0, h=7.0) == [("stale", set("abcdef")), ("unrecognised-wrong-answer", {"g", "h"})]


def test_a_mistake_that_fits_some_wrong_answers_is_not_named() -> None:
    everything = [("unrecognised-wrong-answer", set("abcdefgh"))]
    assert told_of_many(f=5.0, g=6.0, h=7.0) == everything, "five speak for it and three do not"
    right = [("unrecognised-wrong-answer", set("abcdefg"))]
    assert told_of_many(h=1.0) == right, "a right answer is none of a program that makes this mistake"


def test_few_answers_name_a_mistake_only_all_together() -> None:
    seen = {c.id: step(value(10.0 + n)) for n, c in enumerate(MANY[:3])}
    seen["d"] = step(value(7.0))
    few = diagnose(exercise(), submission(), observation(**seen), MANY[:4], BY_NAME, [STALE]).findings
    assert [f.code for f in few] == ["unrecognised-wrong-answer"]
