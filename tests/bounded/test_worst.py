"""Observations of maximal size and worst shape: the trusted side's cost grows with their size and stays small."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import worst
from support.growth import grows_linearly

from judge import wire
from judge.bounded.client import Server
from judge.grade import LoadedExercise
from judge.grader import load_exercise_with_goldens
from judge.model import Claimed, Event, Observation, Report, Submission
from judge.observed import judge_observation, second_run_of
from judge.reports.formats import formats
from judge.reports.redact import redact
from judge.submission import submission_of

ROOT = Path(__file__).resolve().parents[2]
PLAIN = submission_of("def solve(seed, x_batch, y_batch, lr):\n    return 1\n" * 3, "plain.py")
LARGEST_REPORT = 4 << 20
"""Bytes, of one submission in any format."""


@pytest.fixture(scope="module")
def loaded() -> LoadedExercise:
    return load_exercise_with_goldens(ROOT)


@pytest.fixture(scope="module")
def few(loaded: LoadedExercise) -> LoadedExercise:
    """With a public and some hidden cases: how cost grows does not depend on their number."""
    chosen = tuple(case for n, case in enumerate(loaded.cases) if n % 5 == 0)
    return LoadedExercise(loaded.exercise, chosen, loaded.goldens, loaded.misconceptions)


def judged(loaded: LoadedExercise, submission: Submission, seen: Observation) -> Report:
    return judge_observation(loaded, submission, seen, loaded.exercise.limits)


# ------------------------------------------------------------------------------------------------------ it is linear


@pytest.mark.parametrize("right", [pytest.param(True, marks=pytest.mark.long), False], ids=["right", "wrong"])
@pytest.mark.parametrize(
    "kinds", [*(pytest.param((kind,), marks=pytest.mark.long) for kind in worst.KINDS), worst.KINDS], ids=str
)
def test_the_cost_of_events_grows_with_their_number(few: LoadedExercise, kinds: tuple[str, ...], right: bool) -> None:
    def work(count: int) -> Callable[[], object]:
        found = worst.events(count, *kinds)
        seen = worst.observation(
            few,
            lambda case, n: Claimed(
                returned=worst.right(few, case) if right else worst.wrong(few, case, n), events=found
            ),
            Claimed(events=found),
        )
        return lambda: (judged(few, PLAIN, seen), second_run_of(few, PLAIN, seen))

    assert grows_linearly(work, wire.MAX_EVENTS // 4)


@pytest.mark.parametrize(
    "piece",
    [
        "(http://",
        "carry output is a <class 'a'> with 1 child, so symmetric difference of key sets: {",
        pytest.param("a ", marks=pytest.mark.long),
        pytest.param("-----", marks=pytest.mark.long),
    ],
)
def test_the_cost_of_an_exception_s_text_grows_with_its_length(few: LoadedExercise, piece: str) -> None:
    def work(count: int) -> Callable[[], object]:
        raised = replace(worst.exception(1), type_names=("builtins.TypeError",), text=(piece * count)[:count])
        seen = worst.observation(few, lambda case, n: Claimed(raised=raised))
        return lambda: judged(few, PLAIN, seen)

    assert grows_linearly(work, wire.MAX_TEXT // 4)


# ------------------------------------------------------------------------------------------ at the caps, all is bounded


@pytest.mark.long
@pytest.mark.parametrize("name", worst.sources())
def test_no_source_makes_a_report_large_or_its_making_hungry(loaded: LoadedExercise, name: str) -> None:
    submission = worst.sources()[name]
    seen = worst.observation(
        loaded, lambda case, n: Claimed(raised=worst.exception(n), stdout="\U000e0001\u202e" * 9_000)
    )
    check(loaded, submission, seen)


@pytest.mark.long
def test_no_answers_make_a_report_large_or_its_making_hungry(loaded: LoadedExercise) -> None:
    seen = worst.observation(
        loaded, lambda case, n: Claimed(returned=worst.enormous(), stdout="\x00" * 65_536)
    )
    check(loaded, PLAIN, seen)


def check(loaded: LoadedExercise, submission: Submission, seen: Observation) -> None:
    tracemalloc.start()
    try:
        report = judged(loaded, submission, seen)
        tracemalloc.reset_peak()
        for one in formats():
            for shown in (report, redact(report, "learner")):
                assert len(one.render(shown).encode()) < LARGEST_REPORT, one.name
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 << 20


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)
NAMES = sorted({name for n in range(2) for _, facts in worst._facts(n) for name in facts})


@settings(max_examples=10)
@given(st.data())
def test_no_claims_at_all_are_too_much(few: LoadedExercise, data: st.DataObject) -> None:
    facts = data.draw(
        st.lists(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8), min_size=1, max_size=6)
    )
    kinds = data.draw(st.lists(st.sampled_from(worst.KINDS), min_size=1, max_size=4))
    known = worst.events(40)
    found = tuple(
        Event(kinds[n % len(kinds)], n, {**known[n % 40].facts, **facts[n % len(facts)]}) for n in range(80)
    )
    seen = worst.observation(few, lambda case, n: Claimed(returned=worst.wrong(few, case, n), events=found))
    report = judged(few, PLAIN, seen)
    assert all(len(one.render(report)) < LARGEST_REPORT for one in formats())


@pytest.mark.parametrize("kinds", [(), ("optimizer-init", "optimizer-update")], ids=["of all kinds", "inits"])
def test_at_the_caps_a_report_comes_about(loaded: LoadedExercise, kinds: tuple[str, ...]) -> None:
    """Whole, within the limits, whatever was seen."""
    found = worst.events(wire.MAX_EVENTS, *kinds)
    seen = worst.observation(loaded, lambda case, n: Claimed(returned=worst.right(loaded, case), events=found))
    server = Server((loaded.exercise, loaded.cases, dict(loaded.goldens), loaded.misconceptions))
    server.begin(server)
    try:
        assert isinstance(server.ask("report", PLAIN, seen, loaded.exercise.limits), Report)
    finally:
        server.leave(server)
