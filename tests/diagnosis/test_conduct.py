"""Answers that change name nothing else; answers that depend on earlier calls are told apart by a fresh process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from support.made import case, event, exercise, golden, misconception, observation, step, submission, value

from judge.diagnosis import diagnose
from judge.diagnosis.purity import suspect, suspect_by_source
from judge.model import Case, Event, Finding, Golden, Observation, StepObservation

CASES = [case("a"), case("b"), case("h", hidden=True)]
INIT = event("module-init", 5, depth=0, began=1)
GOLDENS: Mapping[str, Golden] = {
    "a": golden("a", 1.0, stale=3.0),
    "b": golden("b", 2.0, stale=3.0),
    "h": golden("h", 3.0, stale=3.5),
}
BY_STATE = "The answer depends on the calls before it"


def seen(**numbers: float) -> Observation:
    return observation(**{name: step(value(number)) for name, number in numbers.items()})


def found(observed: Observation, repeats: Mapping[str, StepObservation]) -> tuple[Finding, ...]:
    bank = [misconception("stale")]
    return diagnose(exercise(), submission(), observed, CASES, GOLDENS, bank, repeats).findings


def test_numbers_that_change_name_nothing_else() -> None:
    wrong = seen(a=3.0, b=3.0, h=3.5)
    assert [f.code for f in found(wrong, {"a": step(value(3.0))})] == ["stale"]
    (changing,) = found(wrong, {"a": step(value(4.0))})
    assert changing.code == "nondeterministic"
    assert changing.title != BY_STATE
    assert set(changing.checks) == {"case:a", "case:b", "case:h"}


@pytest.mark.parametrize(("alone", "by_state"), [(1.0, True), (5.0, False)])
def test_a_fresh_process_tells_state_from_chance(alone: float, by_state: bool) -> None:
    observed = replace(seen(a=1.0, b=4.0, h=3.0), alone={"a": step(value(alone))})
    (changing,) = found(observed, {"a": step(value(7.0))})
    assert changing.code == "nondeterministic"
    assert (changing.title == BY_STATE) is by_state
    assert ("outlives a call" in changing.message) is by_state
    assert ("the inputs alone do not decide it" in changing.message) is not by_state


def test_a_wrong_answer_that_is_right_alone_depends_on_earlier_calls() -> None:
    observed = replace(seen(a=1.0, b=1.0, h=3.0), alone={"b": step(value(2.0))})
    (changing,) = found(observed, {"a": step(value(1.0))})
    assert (changing.code, changing.title, changing.checks) == ("nondeterministic", BY_STATE, ("case:b",))
    same = replace(observed, alone={"b": step(value(1.0))})
    assert [f.code for f in found(same, {"a": step(value(1.0))})] == ["unrecognised-wrong-answer"]


def test_of_a_hidden_case_run_alone_the_public_diagnosis_says_nothing() -> None:
    observed = replace(seen(a=1.0, b=2.0, h=1.0), alone={"h": step(value(3.0))})
    public = replace(observed, cases={name: observed.cases[name] for name in "ab"})
    assert diagnose(exercise(), submission(), public, CASES[:2], GOLDENS, []).findings == ()


REFERENCE = {name: replace(known, events=(INIT,)) for name, known in GOLDENS.items()}


def with_events(**events: list[Event]) -> Observation:
    numbers = {"a": 1.0, "b": 7.0, "h": 3.0}
    return observation(**{name: step(value(numbers[name]), *found) for name, found in events.items()})


def test_only_what_hints_at_earlier_calls_is_run_alone() -> None:
    assert suspect(seen(a=1.0, b=2.0, h=3.0), CASES, GOLDENS) is None
    assert suspect(seen(a=7.0, b=8.0, h=9.0), CASES, GOLDENS) is None, "wrong from the first call on"
    assert suspect(seen(a=1.0, b=1.0, h=3.0), CASES, GOLDENS) == "b", "the answer of the call before it"
    assert suspect(seen(a=7.0, b=2.0, h=7.0), CASES, GOLDENS) == "h"
    repeated = replace(seen(a=1.0, b=2.0, h=3.0), repeats={"a": step(value(1.5))})
    assert suspect(repeated, CASES, GOLDENS) == "a"
    assert suspect(with_events(a=[INIT], b=[], h=[INIT]), CASES, REFERENCE) == "b", "nothing was initialised"
    assert suspect(with_events(a=[INIT], b=[INIT], h=[INIT]), CASES, REFERENCE) is None
    assert suspect(with_events(a=[], b=[], h=[]), CASES, REFERENCE) is None, "it never initialises with flax"
    nan = observation(a=step(value(np.nan)), b=step(value(np.nan)))
    assert suspect(nan, CASES, GOLDENS) is None


def test_what_goes_wrong_only_after_a_first_call_of_its_kind_is_run_alone() -> None:
    def of_shape(name: str, rows: int, lr: float) -> Case:
        known = case(name, lr=lr)
        return replace(known, inputs={**known.inputs, "x_batch": np.zeros((rows, 2))})

    cases = [of_shape("a", 2, 0.1), of_shape("b", 2, 0.2), of_shape("c", 3, 0.2), of_shape("d", 3, 0.3)]
    goldens = {c.id: golden(c.id, 1.0) for c in cases}

    def told(*wrong: str) -> str | None:
        numbers = {c.id: 7.0 + index if c.id in wrong else 1.0 for index, c in enumerate(cases)}
        return suspect(seen(**numbers), cases, goldens)

    assert told("b", "d") == "b", "the second call of each shape"
    assert told("c") == "c", "the second call with this learning rate"
    assert told("b", "c", "d") == "b", "all but the first call"
    assert told("a", "b", "d") is None, "the first call was wrong already"
    assert told("d") is None, "of two later calls one is right"


COUNTS = b"calls = 0\n\ndef solve(x):\n    global calls\n    calls += 1\n    return x / calls\n"


def test_a_file_that_rebinds_a_global_name_is_run_alone_where_it_went_wrong_after_a_right_call() -> None:
    observed = seen(a=1.0, b=7.0, h=8.0)
    assert suspect_by_source(COUNTS, observed, CASES, GOLDENS) == "b"


def test_where_the_first_call_is_wrong_or_no_global_name_is_rebound_nothing_is_run_alone() -> None:
    assert suspect_by_source(COUNTS, seen(a=7.0, b=7.0, h=8.0), CASES, GOLDENS) is None
    assert suspect_by_source(COUNTS, seen(a=1.0, b=2.0, h=3.0), CASES, GOLDENS) is None
    plain = b"def solve(x):\n    return x  # global\n"
    assert suspect_by_source(plain, seen(a=1.0, b=7.0, h=8.0), CASES, GOLDENS) is None
