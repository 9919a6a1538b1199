"""The repository's own exercise is proven: read from its goldens, so cheap enough for every run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from judge.authoring.check import Assessment, assess
from judge.authoring.mutation_operators import make_mutants
from judge.authoring.mutation_test import read_equivalents
from judge.exercise import load_cases, load_exercise
from judge.exercise.goldens import load_recorded
from judge.exercise.kill_matrix import CLEAR, Sight
from judge.model import Exercise, Origin, Visibility

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return load_exercise(ROOT)


@pytest.fixture(scope="module")
def assessment(exercise: Exercise) -> Assessment:
    return assess(exercise)


def test_every_condition_of_check_holds(assessment: Assessment) -> None:
    assert [c for c in assessment.complaints if c.level == "error"] == []


def test_there_are_few_cases_on_few_shapes(exercise: Exercise) -> None:
    cases = load_cases(exercise)
    origins = Counter(case.origin for case in cases)
    assert 18 <= len(cases) <= 24
    assert origins[Origin.GENERATED] >= 8
    assert 6 <= len({case.shape_key for case in cases}) <= 8
    assert sum(case.visibility is Visibility.PUBLIC for case in cases) >= 6
    assert all(case.why for case in cases)


def test_every_guard_is_entered_by_two_cases_one_of_them_hidden(assessment: Assessment) -> None:
    in_scope = [row for row in assessment.coverage if not row.guard.out_of_scope]
    assert len(in_scope) >= 60
    for row in in_scope:
        assert len(row.cases) >= 2, row.guard.name
        assert row.hidden, row.guard.name
    names = {row.guard.name for row in in_scope}
    assert {
        *("N = 1", "N > 256", "N odd, above 1", "N > 128, no multiple of it", "D = 1", "D > 16", "N < D", "N = D"),
        *("seed >= 2^8", "seed >= 2^16", "seed >= 2^31", "seed fractional", "lr = 0", "0 < lr < 0.001", "lr > 1"),
        *("|x_batch| > 100 somewhere", "|x_batch| < 0.1 everywhere", "x_batch has a constant column"),
        *("x_batch < 0 somewhere", "x_batch >= 0 everywhere", "|y_batch| > 100 somewhere"),
        *("y_batch = 0 everywhere", "N = 1 and lr > 0"),
    } <= names


def test_every_numeric_misconception_is_seen_three_times_at_ten_tolerances(assessment: Assessment) -> None:
    matrix = assessment.matrix
    assert len(matrix.numeric) >= 20
    for misconception in matrix.numeric:
        cells = [row[misconception.name] for row in matrix.cells.values()]
        far = [c for c in cells if c.sight is Sight.SEEN and c.distance is not None and c.distance >= CLEAR]
        assert len(far) >= 3, misconception.name


def test_the_oracle_agrees_within_each_cases_tolerance(exercise: Exercise) -> None:
    recorded = load_recorded(exercise, load_cases(exercise))
    for case_id, record in recorded.items():
        assert record.noise_from["oracle"] <= record.relative_tolerance / exercise.tolerance.spread_factor, (
            case_id
        )
        assert record.relative_tolerance <= exercise.tolerance.bound


def test_every_recorded_equivalent_is_a_mutant_of_the_reference(exercise: Exercise) -> None:
    made = make_mutants((exercise.reference_dir / "solution.py").read_text("utf-8"))
    mutants = {(m.was, m.now) for m in made}
    equivalents, harmless = read_equivalents(exercise)
    assert len(made) >= 230
    assert len(mutants) == len(made), "no entry can mean two mutants"
    assert {m.operator for m in made} >= {
        "operator", "constant", "name", "relative", "other parameter", "flag fixed", "sign or not dropped",
        "arguments swapped", "argument dropped", "keywords swapped", "keyword dropped", "order swapped",
        "call dropped", "method dropped", "statement dropped", "entry dropped", "item dropped",
    }  # fmt: skip
    collections = [m for m in made if m.operator == "constant" and "['params']" in m.now + m.source]
    assert collections, "one collection is taken for another"
    for equivalent in equivalents:
        assert (equivalent.was, equivalent.now) in mutants, f"line {equivalent.line}"
        assert len(equivalent.reason) > 20
    assert all(len(entry.reason) > 20 for entry in harmless)
