"""The repository's own exercise is proven: read from its goldens, so cheap enough for every run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from judge.authoring.check import Assessment, assess
from judge.authoring.matrix import CLEAR, Sight
from judge.authoring.mutants import make_mutants
from judge.authoring.mutate import read_equivalents
from judge.exercise import load_cases, load_exercise
from judge.exercise.goldens import load_recorded
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


def test_there_are_enough_cases_on_few_shapes(exercise: Exercise) -> None:
    cases = load_cases(exercise)
    origins = Counter(case.origin for case in cases)
    assert origins[Origin.WRITTEN] >= 16
    assert origins[Origin.GENERATED] >= 24
    assert len({case.shape_key for case in cases}) <= 4
    assert sum(case.visibility is Visibility.PUBLIC for case in cases) >= 6
    assert all(case.why for case in cases)


def test_the_cases_cover_what_the_statement_allows(exercise: Exercise) -> None:
    inputs = [case.inputs for case in load_cases(exercise) if case.origin is Origin.WRITTEN]
    seeds, rates = [float(i["seed"]) for i in inputs], [float(i["lr"]) for i in inputs]  # type: ignore[arg-type]
    rows = [np.asarray(i["x_batch"]) for i in inputs]
    assert any(seed != int(seed) for seed in seeds)
    assert any(seed >= 2**31 for seed in seeds)
    assert 0 in rates
    assert min(rate for rate in rates if rate) <= 1e-4
    assert max(rates) >= 1
    assert {x.shape for x in rows} >= {(1, 1), (2, 2)}
    assert any(len(x) > 1 and (x == x[0]).all(axis=0).any() for x in rows), "a constant feature"
    assert max(np.abs(x).max() for x in rows) > 100
    assert min(np.abs(x).max() for x in rows) < 0.1


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
    equivalents = read_equivalents(exercise)
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
