"""Guards: the corners of the input space, derived from the parameters, and the cases that enter them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.in_process import InProcess
from support.rows_exercise import FILES, make

from judge.authoring.check import Assessment, assess
from judge.authoring.guards import load_guards
from judge.authoring.kill_matrix_text import assessment_text
from judge.authoring.mutation_test import mutate
from judge.authoring.record import record, write
from judge.exercise import load_exercise
from judge.model import ExerciseError, Inputs

STRATEGIES = FILES["reference/strategies.py"]
SPACE = """
SPACE = {"N": (1, 20), "D": (1, 4), "factor": (-2, 300), "rows": (-50, 50), "weights": (0, 9)}
"""
NARROW = 'SPACE = {"N": (2, 4), "D": (2, 3), "factor": (0.5, 1), "rows": (1, 9), "weights": (1, 2)}\n'


def inputs(factor: float = 1.5, rows: object = ((1.0, 2.0), (3.0, -4.0)), weights: object = None) -> Inputs:
    array = np.array(rows, np.float32)
    given = np.ones(len(array), np.float32) if weights is None else np.array(weights, np.float32)
    return {"factor": factor, "rows": array, "weights": given}


def entered(root: Path, given: Inputs, extra: str = "") -> set[str]:
    exercise = make(root, {"reference/strategies.py": STRATEGIES + SPACE + extra})
    return {guard.name for guard in load_guards(exercise) if guard.lets_in(given)}


def test_sizes_have_guards_for_one_for_powers_of_two_for_odd_and_for_a_rest_of_a_batch(
    tmp_path: Path,
) -> None:
    names = entered(tmp_path, inputs(rows=np.ones((19, 2))))
    assert {"N > 1", "N > 2", "N > 16", "N odd, above 1", "N > 8, no multiple of it", "N > D"} <= names
    assert names.isdisjoint({"N = 1", "N > 32", "D odd, above 1", "N < D", "N = D"})
    assert "N > 8, no multiple of it" not in entered(tmp_path, inputs(rows=np.ones((16, 2))))
    assert {"N = 1", "D > 2"} <= entered(tmp_path, inputs(rows=np.ones((1, 3))))


def test_two_sizes_are_compared_only_where_neither_is_one(tmp_path: Path) -> None:
    assert "N < D" in entered(tmp_path, inputs(rows=np.ones((2, 3))))
    assert "N = D" in entered(tmp_path, inputs(rows=np.ones((3, 3))))
    assert "N < D" not in entered(tmp_path, inputs(rows=np.ones((1, 3))))


@pytest.mark.parametrize(
    ("factor", "names"),
    [
        (0.0, {"factor = 0"}),
        (-1.5, {"factor < 0", "factor fractional"}),
        (0.0005, {"0 < factor < 0.001", "factor fractional"}),
        (2.0, {"factor > 1", "factor whole, not 0"}),
        (256.5, {"factor > 1", "factor >= 2^8", "factor fractional"}),
    ],
)
def test_scalars_have_guards_for_sign_size_and_wholeness(
    tmp_path: Path, factor: float, names: set[str]
) -> None:
    assert {name for name in entered(tmp_path, inputs(factor)) if "factor" in name} == names


def test_arrays_have_guards_for_size_sign_and_columns(tmp_path: Path) -> None:
    names = entered(tmp_path, inputs(rows=[[1.0, 5.0], [1.0, 6.0]], weights=[0.0, 0.0]))
    assert {"rows has a constant column", "rows has a column far from 0", "weights = 0 everywhere"} <= names
    assert "rows >= 0 everywhere" in names
    names = entered(tmp_path, inputs(rows=[[-20.0, 5.0], [1.0, 6.0]]))
    assert {"|rows| > 10 somewhere", "rows < 0 somewhere"} <= names
    assert "rows has a constant column" not in names


def test_arrays_have_guards_for_equal_rows_and_for_padding(tmp_path: Path) -> None:
    of_rows = {"rows has equal rows", "rows has a row of zeros among others"}
    of_weights = {"weights has equal values", "weights has a 0 among others"}
    names = entered(tmp_path, inputs(rows=[[1.0, 0.0], [0.0, 0.0], [1.0, 0.0]], weights=[2.0, 2.0, 0.0]))
    assert of_rows | of_weights <= names
    names = entered(tmp_path, inputs(rows=[[1.0, 0.0], [0.0, 1.0]], weights=[1.0, 2.0]))
    assert names.isdisjoint(of_rows | of_weights)
    names = entered(tmp_path, inputs(rows=[[0.0, 0.0], [0.0, 0.0]], weights=[0.0, 0.0]))
    assert "rows has equal rows" in names
    assert "rows has a row of zeros among others" not in names


def test_what_the_space_leaves_out_has_no_guard(tmp_path: Path) -> None:
    exercise = make(tmp_path, {"reference/strategies.py": STRATEGIES + NARROW})
    names = {guard.name for guard in load_guards(exercise)}
    assert names.isdisjoint({"N = 1", "N > 4", "factor = 0", "factor > 1", "rows < 0 somewhere"})
    assert "N > 2" in names


def test_an_author_adds_guards_and_excuses_others(tmp_path: Path) -> None:
    extra = 'GUARDS = {"N = 3": lambda factor, rows, weights: len(rows) == 3}\nOUT_OF_SCOPE = {"N = 1": "is easy"}\n'
    assert "N = 3" in entered(tmp_path, inputs(rows=np.ones((3, 2))), extra)
    reasons = {guard.name: guard.out_of_scope for guard in load_guards(load_exercise(tmp_path))}
    assert reasons["N = 1"] == "is easy"
    assert reasons["N = 3"] == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SPACE = 3", "SPACE must be a dict, got 3"),
        ('SPACE = {"M": (1, 2)}', "SPACE names no size or parameter: 'M'"),
        (
            SPACE.replace("(1, 20)", "(20, 1)"),
            "SPACE['N'] must be (smallest, largest), two numbers, got (20, 1)",
        ),
        ('SPACE = {"N": (1, 2)}', "SPACE says nothing of D, factor, rows, weights"),
        (SPACE + "OUT_OF_SCOPE = {'N = 7': 'x'}", "OUT_OF_SCOPE names no guard: 'N = 7'"),
        (SPACE + "OUT_OF_SCOPE = {'N = 1': ''}", "OUT_OF_SCOPE['N = 1'] must be a reason, got ''"),
        (SPACE + "GUARDS = {'N = 7': 7}", "GUARDS['N = 7'] must be a function of the inputs, got 7"),
    ],
)
def test_a_declaration_that_cannot_be_used_is_named(tmp_path: Path, text: str, words: str) -> None:
    exercise = make(tmp_path, {"reference/strategies.py": f"{STRATEGIES}\n{text}\n"})
    with pytest.raises(ExerciseError) as error:
        load_guards(exercise)
    assert str(error.value).startswith("reference/strategies.py: ")
    assert words in str(error.value)


def test_what_an_authors_guard_raises_is_the_authors_error(tmp_path: Path) -> None:
    with pytest.raises(ExerciseError, match=r"strategies\.py:\d+: the strategies fail: KeyError"):
        entered(tmp_path, inputs(), 'GUARDS = {"bad": lambda **inputs: inputs["other"]}\n')


# ------------------------------------------------------------------------------------------------------ in check


def checked(root: Path, declarations: str) -> Assessment:
    loaded = make(root, {"reference/strategies.py": STRATEGIES + declarations})
    write(record(loaded, [InProcess()], lambda count: lambda word: None))
    return assess(load_exercise(root))


def test_a_guard_that_too_few_cases_enter_fails_and_the_table_shows_it(tmp_path: Path) -> None:
    assessment = checked(tmp_path, SPACE)
    messages = [c.message for c in assessment.complaints if c.level == "error"]
    assert any(
        m.startswith("the guard 'factor = 0' is entered by 0 cases (0 hidden), wanted") for m in messages
    )
    assert not any("'N = D'" in message for message in messages), "three cases are square"
    table = assessment_text(assessment).plain
    assert "factor = 0" in table
    rows = {row.guard.name: row for row in assessment.coverage}
    assert rows["N = D"].cases == ("written/square", "written/random", "written/large")
    assert f"{len(rows)} guards: " in table


def test_a_guard_out_of_scope_needs_no_case(tmp_path: Path) -> None:
    unexcused = checked(tmp_path, SPACE)
    excused = checked(tmp_path, SPACE + 'OUT_OF_SCOPE = {"factor = 0": "nothing is left to see"}\n')
    assert len(excused.complaints) == len(unexcused.complaints) - 1
    assert "out of scope: nothing is left to see" in assessment_text(excused).plain


# ----------------------------------------------------------------------------------------------------- in mutate


def test_a_guarded_mutant_lives_where_no_case_tells_it_apart(tmp_path: Path) -> None:
    case = """
  - name: factor-one
    why: A factor of 1 hides what is done to it.
    visibility: hidden
    inputs: {factor: 1, rows: [[1, 2], [4, 5]], weights: [1, 2]}
"""
    guard = 'GUARDS = {"factor = 1": lambda factor, rows, weights: factor == 1}\n'
    changes = {
        "reference/strategies.py": STRATEGIES + NARROW + guard,
        "cases/written.yaml": FILES["cases/written.yaml"] + case,
    }
    loaded = make(tmp_path, changes)
    write(record(loaded, [InProcess()], lambda count: lambda word: None))
    result = mutate(
        load_exercise(tmp_path), [InProcess()], lambda source: "a", lambda count: lambda word: None
    )
    assert result.killed == len(result.fates)
    alive = {fate.mutant.now for fate in result.surviving_under["factor = 1"]}
    assert any("factor" not in now for now in alive), "the factor is left out"
    assert all("N > 2" not in fate.survives_under for fate in result.fates)
    assert 0 < result.killed_share < 1
    assert result.to_json()["guarded_mutants"] == result.pairs
