"""Wrong solutions of the bank get their own code, also where only structure tells them apart."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from support.diagnosis_bank import CASES
from support.observed_files import TOLD_APART

from judge.diagnosis import Diagnosis, diagnose
from judge.exercise import Misconception
from judge.model import Exercise, Golden, Observation, Severity, Submission


@pytest.fixture(scope="session")
def judged(
    exercise: Exercise,
    observed: Mapping[str, Observation],
    goldens: Mapping[str, Golden],
    misconceptions: tuple[Misconception, ...],
) -> Mapping[str, Diagnosis]:
    return {
        m.name: diagnose(
            exercise,
            Submission(m.path.name, m.source, ""),
            observed[f"misconceptions/{m.name}"],
            CASES[:2],
            goldens,
            misconceptions,
        )
        for m in misconceptions
        if m.name in TOLD_APART
    }


def test_the_chosen_misconceptions_exist(misconceptions: tuple[Misconception, ...]) -> None:
    assert set(TOLD_APART) <= {m.name for m in misconceptions}


@pytest.mark.parametrize("name", TOLD_APART)
def test_a_wrong_solution_gets_its_own_code_first(
    name: str, judged: Mapping[str, Diagnosis], misconceptions: tuple[Misconception, ...]
) -> None:
    (misconception,) = [m for m in misconceptions if m.name == name]
    findings = judged[name].findings
    assert findings[0].code == misconception.code
    assert findings[0].severity is Severity.ERROR
    assert "or" not in findings[0].facts, "structure should have decided"
    others = {f.code for f in findings[1:]}
    assert others <= {"optimizer-on-variables"}
    assert set(findings[0].checks) >= {f"case:{case.id}" for case in CASES[:2]}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("stale-batch-stats", "model.apply"),
        ("eval-in-train-mode", "model.apply"),
        ("nested-batch-stats", "model.apply"),
        ("missing-batch-stats", "model.apply"),
        ("aux-swapped", 'updated["batch_stats"], '),
        ("eval-unpacked", "model.apply"),
        ("float-seed", "PRNGKey"),
        ("model-momentum-default", "nn.BatchNorm"),
    ],
)
def test_the_span_shows_the_place(
    name: str, hint: str, judged: Mapping[str, Diagnosis], misconceptions: tuple[Misconception, ...]
) -> None:
    (misconception,) = [m for m in misconceptions if m.name == name]
    span = judged[name].findings[0].span
    assert span is not None
    lines = misconception.source.decode().split("\n")[span.line - 1 : span.end_line]
    assert hint in "\n".join(lines)
