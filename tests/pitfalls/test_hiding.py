"""Whoever hides a pitfall from the probes is not taken for somebody who avoided it, and nobody honest is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hiding import MISTAKES, RIGHT, SEEN_ALL_THE_SAME, WAYS, Way, program
from support.few_cases import FEW, loaded_exercise_of

from judge.diagnosis.second_look import distinguishes_pitfalls, silent_pitfalls
from judge.grade import LoadedExercise
from judge.grader import Grader
from judge.model import Report, Verdict, Visibility
from judge.sandbox import Warm

QUICK = ("frames-taken-away", "too-many-events", "wrapped")
NAMES = ("optimizer-on-variables", "batch-stats-optimized", "not-observed")


@pytest.fixture(scope="module")
def loaded(grader: Grader) -> LoadedExercise:
    """A public case that tells pitfalls apart, and a hidden one of the same shape: enough to grade with."""
    whole = grader.loaded
    public = next(
        case for case in whole.cases if case.id in FEW and distinguishes_pitfalls(whole.goldens[case.id])
    )
    shape = public.inputs["x_batch"].shape
    hidden = next(
        case
        for case in whole.cases
        if case.visibility is Visibility.HIDDEN and case.inputs["x_batch"].shape == shape
    )
    return loaded_exercise_of(whole, (public.id, hidden.id))


@pytest.fixture(scope="module")
def grader_of_two_cases(loaded: LoadedExercise) -> Iterator[Grader]:
    with Grader.of(loaded, warm=Warm.FIRST) as one:
        yield one


def check_not_believed(report: Report, loaded: LoadedExercise) -> None:
    assert report.verdict is not Verdict.ACCEPTED
    assert any(finding.code in NAMES for finding in report.findings)
    checks = {f"pitfall:{pitfall.code}" for pitfall in silent_pitfalls(loaded.exercise)}
    outcomes = {check.id: check for check in report.checks if check.id in checks}
    assert sum(check.points for check in outcomes.values()) < sum(check.out_of for check in outcomes.values())


@pytest.mark.parametrize(
    "mistake",
    [
        name if number == 0 else pytest.param(name, marks=pytest.mark.long)
        for number, name in enumerate(MISTAKES)
    ],
)
@pytest.mark.parametrize("way", [way for way in WAYS if way.name in QUICK], ids=lambda way: way.name)
def test_a_hidden_pitfall_is_not_avoided(
    grader_of_two_cases: Grader, loaded: LoadedExercise, way: Way, mistake: str
) -> None:
    check_not_believed(grader_of_two_cases.grade(program(way, MISTAKES[mistake])), loaded)


@pytest.mark.long
@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("way", [way for way in WAYS if way.name not in QUICK], ids=lambda way: way.name)
def test_no_way_of_hiding_avoids_it(
    grader_of_two_cases: Grader, loaded: LoadedExercise, way: Way, mistake: str
) -> None:
    check_not_believed(grader_of_two_cases.grade(program(way, MISTAKES[mistake])), loaded)


@pytest.mark.long
@pytest.mark.parametrize(
    "way", [way for way in WAYS if way.name not in SEEN_ALL_THE_SAME], ids=lambda way: way.name
)
def test_the_way_does_hide_it_from_the_probes(grader_of_two_cases: Grader, way: Way) -> None:
    """The control: what the probes see has a place in the file, and this has none."""
    report = grader_of_two_cases.grade(program(way, MISTAKES["optimizer-on-variables"]))
    named = [finding for finding in report.findings if finding.code in NAMES]
    assert all(finding.code == "not-observed" or finding.facts.get("second_look") for finding in named)


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_who_hides_a_right_step_is_accused_of_no_pitfall(grader_of_two_cases: Grader, way: Way) -> None:
    report = grader_of_two_cases.grade(program(way, RIGHT))
    assert not {finding.code for finding in report.findings} & set(NAMES[:2])


def test_there_are_enough_ways() -> None:
    assert len(WAYS) * len(MISTAKES) >= 40
