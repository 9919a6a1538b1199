"""Wrong answers that equal no known mistake's: named where their course parts from the reference's, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from support.courses import WRONG
from support.diagnosis_bank import CASES, Wanted
from support.observed_files import ALL_IN_LONG, marked

from judge.diagnosis import diagnose
from judge.exercise import Misconception
from judge.model import Exercise, Golden, Observation, Severity, Submission


def code_of(wanted: Wanted) -> str:
    return wanted.name.partition("/")[2].partition("__")[0].replace("_", "-")


@pytest.mark.parametrize("wanted", marked(WRONG))
def test_what_differs_first_is_named_with_its_line(
    wanted: Wanted,
    exercise: Exercise,
    observed: Mapping[str, Observation],
    goldens: Mapping[str, Golden],
    misconceptions: tuple[Misconception, ...],
) -> None:
    diagnosis = diagnose(
        exercise,
        Submission(wanted.name, wanted.source, ""),
        observed[wanted.name],
        CASES[:2],
        goldens,
        misconceptions,
    )
    errors = [finding for finding in diagnosis.findings if finding.severity is Severity.ERROR]
    assert [finding.code for finding in errors] == [code_of(wanted)]
    assert errors[0].checks == tuple(f"case:{c.id}" for c in CASES[:2])
    assert "misconception" not in errors[0].facts, (
        "its numbers are known: it tests the fingerprint, not the course"
    )
    assert errors[0].facts["first_difference"]
    span = errors[0].span
    assert span is not None
    assert any(span.line <= line <= span.end_line for line in wanted.marked_lines), span


@ALL_IN_LONG
def test_a_silent_difference_is_only_told_as_far_as_it_is_seen(
    suite: str,
    exercise: Exercise,
    observed: Mapping[str, Observation],
    goldens: Mapping[str, Golden],
    misconceptions: tuple[Misconception, ...],
) -> None:
    """Without what was recorded of the reference nothing is said beyond the numbers."""
    for wanted in [one for one in WRONG if one.name in observed]:
        blind = {name: replace(known, events=None) for name, known in goldens.items()}
        diagnosis = diagnose(
            exercise,
            Submission("x", wanted.source, ""),
            observed[wanted.name],
            CASES[:2],
            blind,
            misconceptions,
        )
        errors = [finding for finding in diagnosis.findings if finding.severity is Severity.ERROR]
        optimizer = code_of(wanted) == "wrong-optimizer" and b"optax" in wanted.source
        assert [f.code for f in errors] == ["wrong-optimizer" if optimizer else "unrecognised-wrong-answer"]
        assert all("first_difference" not in finding.facts for finding in errors)
