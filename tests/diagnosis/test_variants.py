"""Each pitfall in many styles: named, at the right line. And right solutions that look like it: left in peace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest
from support.diagnosis_bank import CASES, ROOT, Wanted
from support.observed_files import ACCEPTED, ALL_IN_LONG, marked, wanted_variants

from judge.diagnosis import Diagnosis, diagnose
from judge.exercise import Misconception
from judge.model import Exercise, Golden, Observation, Outcome, Severity, Submission

ALL = wanted_variants()
PITFALLS = ("optimizer-on-variables", "missing-mutable", "batch-stats-optimized", "missing-has-aux")


def of(*folders: str) -> list[object]:
    return marked([w for w in ALL if w.name.partition("/")[0] in folders])


@pytest.fixture(scope="session")
def judged(
    exercise: Exercise,
    observed: Mapping[str, Observation],
    goldens: Mapping[str, Golden],
    misconceptions: tuple[Misconception, ...],
) -> Mapping[str, Diagnosis]:
    accepted = [Wanted(f"accepted/{n}", (ROOT / f"reference/accepted/{n}.py").read_bytes()) for n in ACCEPTED]
    return {
        w.name: diagnose(
            exercise, Submission(w.name, w.source, ""), observed[w.name], CASES[:1], goldens, misconceptions
        )
        for w in [*ALL, *accepted]
        if w.name in observed
    }


def test_there_are_at_least_eight_styles_of_each_pitfall() -> None:
    counted = Counter(w.name.partition("/")[0] for w in ALL)
    assert {code: counted[code] >= 8 for code in PITFALLS} == dict.fromkeys(PITFALLS, True)


@pytest.mark.parametrize("wanted", of(*PITFALLS))
def test_a_pitfall_is_named_with_its_line(wanted: Wanted, judged: Mapping[str, Diagnosis]) -> None:
    code = wanted.name.partition("/")[0]
    diagnosis = judged[wanted.name]
    found = [finding for finding in diagnosis.findings if finding.code == code]
    assert len(found) == 1
    assert found[0].severity is Severity.ERROR
    assert diagnosis.pitfalls[code] is Outcome.FAILED
    span = found[0].span
    assert span is not None
    assert any(span.line <= line <= span.end_line for line in wanted.marked_lines), span
    assert f"pitfall:{code}" in found[0].checks
    # Where statistics were also stepped, that is said first, and the start on all variables after it.
    first = diagnosis.findings[0].code
    assert first == code or (first, code) == ("batch-stats-optimized", "optimizer-on-variables")


@pytest.mark.parametrize("wanted", of("missing-mutable", "missing-has-aux"))
def test_one_mistake_is_one_error(wanted: Wanted, judged: Mapping[str, Diagnosis]) -> None:
    errors = [f.code for f in judged[wanted.name].findings if f.severity is Severity.ERROR]
    assert errors == [wanted.name.partition("/")[0]]


CONDUCT = ("value-and-grad-not-used", "optax-not-used")
"""Warned about only, since the numbers count: a right solution may do either."""


def assert_clean(diagnosis: Diagnosis) -> None:
    assert [finding.code for finding in diagnosis.findings if finding.code not in CONDUCT] == []
    assert all(finding.severity is Severity.WARNING for finding in diagnosis.findings)
    outcomes = {outcome for code, outcome in diagnosis.pitfalls.items() if code not in CONDUCT}
    assert outcomes == {Outcome.PASSED}


@pytest.mark.parametrize("wanted", of("right"))
def test_a_right_solution_that_looks_similar_is_clean(
    wanted: Wanted, judged: Mapping[str, Diagnosis], observed: Mapping[str, Observation]
) -> None:
    assert observed[wanted.name].cases[CASES[0].id].claimed.raised is None
    assert_clean(judged[wanted.name])


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_accepted_style_is_clean(name: str, judged: Mapping[str, Diagnosis]) -> None:
    assert_clean(judged[f"accepted/{name}"])


@pytest.mark.parametrize("wanted", of("warned"))
def test_what_does_no_harm_is_at_most_a_warning(wanted: Wanted, judged: Mapping[str, Diagnosis]) -> None:
    (finding,) = judged[wanted.name].findings
    assert finding.severity is Severity.WARNING
    assert finding.span is not None
    assert [finding.span.line] == wanted.marked_lines
    assert set(judged[wanted.name].pitfalls.values()) == {Outcome.PASSED}


@ALL_IN_LONG
def test_no_message_gives_the_fix_away(judged: Mapping[str, Diagnosis], suite: str) -> None:
    fixes = (
        "has_aux=True",
        'mutable=["batch_stats"]',
        "mutable=['batch_stats']",
        "init(params)",
        'init(variables["params"])',
    )
    for diagnosis in judged.values():
        for finding in diagnosis.findings:
            assert not any(fix in finding.message for fix in fixes), finding.message
            assert finding.message.rstrip().endswith("?"), finding.message
