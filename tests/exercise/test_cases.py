"""cases/*.yaml: literals and generators become inputs, or errors with file, line, field and value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.small_exercise import case, exercise, make

from judge.exercise import digest_of_inputs, load_cases, load_exercise, read_cases
from judge.model import ExerciseError, Origin, Visibility


def refused(tmp_path: Path, **files: str) -> str:
    loaded = exercise(tmp_path, **files)
    with pytest.raises(ExerciseError) as error:
        load_cases(loaded)
    return str(error.value)


def test_literals_have_the_declared_types(tmp_path: Path) -> None:
    (loaded,) = load_cases(exercise(tmp_path))
    assert loaded.id == "plain/plain"
    assert loaded.visibility is Visibility.PUBLIC
    assert loaded.points == 1
    assert list(loaded.inputs) == ["factor", "times", "rows", "weights"]
    assert (type(loaded.inputs["factor"]), type(loaded.inputs["times"])) == (float, int)
    weights = loaded.inputs["weights"]
    assert isinstance(weights, np.ndarray)
    assert weights.dtype == np.float32
    np.testing.assert_array_equal(weights, np.array([0.5, 1e-3, -2], dtype=np.float32))
    assert not weights.flags.writeable
    assert loaded.shape_key == ((3, 2), (3,))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"why": None}, "cases[0]: the field 'why' is missing"),
        ({"why": '"  "'}, "cases[0].why: expected text that says why the case is worth its time"),
        ({"name": "Big One"}, ":2: cases[0].name: 'Big One' is not a name"),
        (
            {"name": "TRUE"},
            "expected text, got 'TRUE' (text); a truth value is written true or false; as text it",
        ),
        (
            {"visibility": "publik"},
            "cases[0].visibility: 'publik' is not one of public, hidden; did you mean 'public'?",
        ),
        ({"points": "-1"}, "cases[0].points: -1 is not between 0 and 1000000"),
        ({"points": "yes"}, "expected a number, got 'yes' (text)"),
        ({"points": "true"}, "expected a number, got 'true'"),
        ({"sees": "[nobody]"}, "cases[0].sees[0]: there is no misconception 'nobody'"),
        ({"sees": "nobody"}, "cases[0].sees: expected a list of misconceptions"),
        (
            {"factor": "0o17"},
            "cases[0].inputs.factor: expected a number, got '0o17' (text); a number is written in dec",
        ),
        (
            {"factor": "017"},
            "expected a number, got '017' (text); a number is written in decimal digits without",
        ),
        ({"factor": "1_000"}, "a number is written without underscores"),
        ({"factor": "1:30"}, "a number is written without colons"),
        ({"factor": "0x10"}, "a number is written in decimal digits"),
        ({"factor": ".inf"}, "infinities and NaN are not allowed"),
        ({"factor": "nan"}, "infinities and NaN are not allowed"),
        ({"factor": '"2.5"'}, "expected a number, got '2.5' (text)"),
        ({"factor": ""}, "expected a number, got nothing"),
        ({"factor": "[2]"}, "inputs.factor: expected a number, got a list of 1"),
        (
            {"factor": "{normal: {shape: [3], seed: 1}}"},
            "inputs.factor: expected a number, got a mapping of 1",
        ),
        ({"times": "2.5"}, "inputs.times: expected an integer, got '2.5'"),
        ({"times": "99999999999999999999"}, "is not between -9.2233"),
        ({"weights": None}, "cases[0].inputs: the field 'weights' is missing"),
        ({"weights": "3"}, "expected an array of shape [N]: a list or a generator, got '3'"),
        ({"weights": "[1, 2]"}, "has shape [2], so N = 2, but rows says N = 3"),
        ({"weights": "[[1], [2], [3]]"}, "has shape [3, 1], declared is [N]"),
        ({"weights": "[]"}, "is an empty list; every size is at least 1"),
        ({"weights": "[1, two, 3]"}, "cases[0].inputs.weights[1]: expected a number, got 'two' (text)"),
        ({"weights": "[1, .nan, 3]"}, "infinities and NaN are not allowed"),
        ({"weights": "[1, 1e39, 3]"}, "holds 1e+39, which is not finite as float32"),
        (
            {"rows": "[[1, 2], [3], [5, 6]]"},
            "inputs.rows[1]: has shape (1,), its neighbour cases[0].inputs.rows[0] has",
        ),
        ({"rows": "{normal: {shape: [3, 2]}}"}, "rows.normal: the field 'seed' is missing"),
        ({"rows": "{normal: {shape: [3, 2], seed: -3}}"}, "normal.seed: -3 is not between 0 and 4294967295"),
        ({"rows": "{normal: {shape: [3, 2], seed: 1.5}}"}, "normal.seed: expected an integer, got '1.5'"),
        (
            {"rows": "{normal: {shape: [3, 2], seed: 1, scale: 0}}"},
            "normal.scale: 0 is not above 0; for equal values",
        ),
        (
            {"rows": "{normal: {shape: [3, 2], seed: 1, scael: 2}}"},
            "unknown field 'scael'; did you mean 'scale'?",
        ),
        ({"rows": "{normal: {shape: [3, 0], seed: 1}}"}, "normal.shape[1]: 0 is not between 1 and 1000000"),
        ({"rows": "{normal: {shape: 3, seed: 1}}"}, "normal.shape: expected a shape such as [8, 5], got '3'"),
        ({"rows": "{normal: {shape: [2000, 2000], seed: 1}}"}, "4000000 numbers are too many for one input"),
        ({"rows": "{normal: {shape: [3, 2], seed: 1, scale: 1e39}}"}, "which is not finite as float32"),
        (
            {"rows": "{gauss: {shape: [3, 2]}}"},
            "unknown field 'gauss'; known here: columns, constant, normal",
        ),
        ({"rows": "{normal: {shape: [3, 2], seed: 1}, ramp: {}}"}, "expected exactly one generator"),
        ({"rows": "{}"}, "expected exactly one generator"),
        ({"rows": "{uniform: {shape: [3, 2], seed: 1, low: 2, high: 2}}"}, "low (2) is not below high (2)"),
        ({"rows": "{constant: {shape: [3, 2]}}"}, "constant: the field 'value' is missing"),
        ({"rows": "{columns: [[1, 2, 3], [1, 2]]}"}, "columns[1]: this column has 2 rows, the first has 3"),
        (
            {"rows": "{columns: [[[1, 2, 3]], [1, 2, 3]]}"},
            "columns[0]: a column has one dimension, this has shape (1, 3)",
        ),
        ({"rows": "{columns: []}"}, "columns: at least one column is needed"),
        ({"rows": "{rows: [[1, 2], [1, 2, 3]]}"}, "rows[1]: this row has 3 columns, the first has 2"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changes: dict[str, str | None], words: str) -> None:
    message = refused(tmp_path, cases__plain_yaml=case(**changes))
    assert words in message
    assert "cases/plain.yaml:" in message
    assert "the author of the exercise" in message


def test_unknown_parameters_are_named(tmp_path: Path) -> None:
    message = refused(tmp_path, cases__plain_yaml=case("weihgts: [1, 2, 3]"))
    assert "cases/plain.yaml:10: cases[0].inputs: unknown field 'weihgts'" in message
    assert (
        "cases/plain.yaml:9: cases[0].inputs: the field 'weights' is given twice (first on line 9)"
        not in message
    )


def test_a_parameter_given_twice_is_named_with_both_lines(tmp_path: Path) -> None:
    message = refused(tmp_path, cases__plain_yaml=case("factor: 3"))
    assert (
        "cases/plain.yaml:10: cases[0].inputs: the field 'factor' is given twice (first on line 6)" in message
    )


def test_names_and_inputs_are_unique(tmp_path: Path) -> None:
    twice = case() + case(factor="9").partition("\n")[2]
    assert "cases/plain.yaml:10: cases[0]" not in refused(tmp_path, cases__plain_yaml=twice)
    assert "the name 'plain' is taken by the case on line 2" in refused(tmp_path, cases__plain_yaml=twice)
    again = case() + case(name="other").partition("\n")[2]
    message = refused(tmp_path, cases__plain_yaml=again)
    assert "cases/plain.yaml:10: plain/other: has the same inputs as plain/plain" in message


def test_errors_of_all_files_come_at_once(tmp_path: Path) -> None:
    message = refused(tmp_path, cases__plain_yaml=case(factor="x"), cases__other_yaml=case(times="y"))
    assert "2 problems" in message
    assert "cases/plain.yaml:6: cases[0].inputs.factor" in message
    assert "cases/other.yaml:7: cases[0].inputs.times" in message


def test_a_folder_without_cases_says_how_to_make_one(tmp_path: Path) -> None:
    message = refused(tmp_path, cases__plain_yaml="cases: []\n")
    assert "there is no case; 'judge cases new NAME' writes the first one" in message


def test_the_origin_follows_the_file_and_written_cases_come_first(tmp_path: Path) -> None:
    loaded = exercise(
        tmp_path,
        cases__generated_yaml=case(factor="3"),
        cases__pinned_yaml=case(factor="4"),
        cases__zebra_yaml=case(factor="5"),
    )
    assert [(c.id, c.origin) for c in load_cases(loaded)] == [
        ("plain/plain", Origin.WRITTEN),
        ("zebra/plain", Origin.WRITTEN),
        ("generated/plain", Origin.GENERATED),
        ("pinned/plain", Origin.PINNED),
    ]


def test_generators_give_the_bits_that_they_always_gave(tmp_path: Path) -> None:
    """The values are pinned: should a generator ever change, every golden of every exercise would be stale."""
    rows = {
        "normal": "{normal: {shape: [3, 2], seed: 7, scale: 2, shift: 1}}",
        "uniform": "{uniform: {shape: [3, 2], seed: 7, low: -1, high: 3}}",
        "ramp": "{ramp: {shape: [3, 2], start: -1, stop: 4}}",
        "constant": "{constant: {shape: [3, 2], value: 0.1}}",
        "columns": "{columns: [[1, 2, 3], {ramp: {shape: [3], start: 0, stop: 1}}]}",
        "rows": "{rows: [[1, 2], {ramp: {shape: [2], start: 0, stop: 1}}, {constant: {shape: [2], value: 3}}]}",
    }
    expected = {
        "normal": [4.3810515, 0.068125255, 1.0656403, 1.8150326, -0.57784605, 1.0041312],
        "uniform": [-0.6947668, 2.1196752, 0.7536369, 1.8938607, 2.911958, 1.1539835],
        "ramp": [-1, 0, 1, 2, 3, 4],
        "constant": [0.1] * 6,
        "columns": [1, 0, 2, 0.5, 3, 1],
        "rows": [1, 2, 0, 1, 3, 3],
    }
    for name, text in rows.items():
        make(tmp_path, cases__plain_yaml=case(rows=text))
        (loaded,) = load_cases(load_exercise(tmp_path))
        np.testing.assert_array_equal(
            loaded.inputs["rows"], np.array(expected[name], dtype=np.float32).reshape(3, 2), err_msg=name
        )


def test_the_place_of_a_case_is_kept(tmp_path: Path) -> None:
    (entry,) = read_cases(exercise(tmp_path))
    assert (entry.path.name, entry.line, entry.sees) == ("plain.yaml", 2, ())


def test_the_digest_sees_all_that_a_solution_sees(tmp_path: Path) -> None:
    base = {"a": 1.0, "b": np.zeros((2, 3), np.float32)}
    others = [
        {"a": 1, "b": base["b"]},
        {"a": -1.0, "b": base["b"]},
        {"a": 1.0, "b": np.zeros((3, 2), np.float32)},
        {"a": 1.0, "b": np.zeros((2, 3), np.float64)},
        {"a": 1.0, "b": -np.zeros((2, 3), np.float32)},
        {"b": base["b"], "a": 1.0},
    ]
    digests = {digest_of_inputs(inputs) for inputs in [base, *others]}  # type: ignore[arg-type]
    assert len(digests) == 7
    assert digest_of_inputs(base) == digest_of_inputs({"a": 1.0, "b": np.zeros((2, 3), np.float32)})  # type: ignore[arg-type]


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
def test_any_text_is_cases_or_one_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    root = tmp_path_factory.mktemp("any")
    loaded = exercise(root)
    (root / "cases" / "plain.yaml").write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
    with pytest.raises(ExerciseError):
        load_cases(loaded)


@pytest.mark.parametrize("word", ["y", "n", "on", "off", "yes", "no"])
def test_words_that_only_old_readers_take_for_a_truth_value_are_text(tmp_path: Path, word: str) -> None:
    (loaded,) = load_cases(exercise(tmp_path, cases__plain_yaml=case(name=word)))
    assert loaded.id == f"plain/{word}"


def test_a_text_with_a_colon_gets_the_hint_about_quotes(tmp_path: Path) -> None:
    message = refused(tmp_path, cases__plain_yaml=case(why="Signs: they differ"))
    assert "a text with a colon and a blank in it needs quotes" in message


def test_a_case_file_of_another_ending_is_told(tmp_path: Path) -> None:
    loaded = exercise(tmp_path)
    (tmp_path / "cases" / "more.yml").write_text("cases: []\n")
    with pytest.raises(ExerciseError, match=r"cases/more\.yml: is not read: call it more\.yaml"):
        load_cases(loaded)
