"""exercise.yaml: found, read, and refused with every reason at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.small_exercise import DEFINITION, exercise, make

from judge.exercise import digest_of_exercise, find_exercise, load_exercise
from judge.model import ExerciseError, Limits, Severity, UsageError


def refused(tmp_path: Path, definition: str) -> str:
    make(tmp_path, definition)
    with pytest.raises(ExerciseError) as error:
        load_exercise(tmp_path)
    return str(error.value)


def test_everything_that_is_written_is_read(tmp_path: Path) -> None:
    definition = DEFINITION + (
        "limits: {wall_s: 1.5, memory_mib: 700}\n"
        "tolerance: {bound: 1e-3}\n"
        "pitfalls:\n  missing-mutable: {severity: error, points: 2}\n  optax-not-used: {severity: warning}\n"
    )
    make(tmp_path, definition)
    loaded = load_exercise(tmp_path)
    assert (loaded.name, loaded.title, loaded.entry_point) == ("scale-rows", "Scale the rows", "scale")
    assert [(p.name, p.kind, p.dtype, p.shape) for p in loaded.parameters] == [
        ("factor", "float", None, None),
        ("times", "int", None, None),
        ("rows", "array", "float32", ("N", "D")),
        ("weights", "array", "float32", ("N",)),
    ]
    assert loaded.output.shape == ("N",)
    assert loaded.limits.wall_s == 1.5
    assert loaded.limits.memory_mib == 700
    assert loaded.limits.total_wall_s == Limits().total_wall_s
    assert loaded.tolerance.bound == 1e-3
    assert [(p.code, p.severity, p.points) for p in loaded.pitfalls] == [
        ("missing-mutable", Severity.ERROR, 2.0),
        ("optax-not-used", Severity.WARNING, 0.0),
    ]


def test_the_nearest_folder_above_is_found(tmp_path: Path) -> None:
    make(tmp_path)
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert find_exercise(deep) == tmp_path.resolve()
    make(deep)
    assert find_exercise(deep) == deep.resolve()


def test_no_exercise_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no exercise at or above .*--exercise DIR"):
        find_exercise(tmp_path)
    with pytest.raises(UsageError, match=r"has no reference/exercise\.yaml"):
        load_exercise(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name: scale-rows", "name: Scale Rows", ":1: name: 'Scale Rows' is not a name"),
        ("title: Scale the rows", "titel: Scale the rows", "unknown field 'titel'; did you mean 'title'?"),
        (
            "entry_point: scale",
            "entry_point: 2nd",
            "reference/exercise.yaml:3: entry_point: '2nd' is not a Python name",
        ),
        ("entry_point: scale", "entry_point: class", "'class' is not a Python name"),
        ("entry_point: scale", "entry_point: True", "expected text, got 'True' (text); a truth value is written"),
        ("kind: int}", "kind: integer}", "'integer' is not one of float, int, array; did you mean 'int'?"),
        ("{name: times,", "{name: factor,", "two parameters are called 'factor'"),
        ("shape: [N, D]", "shape: [N, 0]", ":7: parameters[2].shape[1]: 0 is not between 1 and 1000000"),
        ("shape: [N, D]", "shape: []", "a shape has between 1 and 4 entries, got 0"),
        ("dtype: float32, shape: [N, D]", "shape: [N, D]", "the field 'dtype' is missing: an array needs it"),
        ("dtype: float32, shape: [N, D]", "dtype: float16, shape: [N, D]", "'float16' is not one of float32"),
        ("{name: times, kind: int}", "{name: times, kind: int, dtype: int32}", "only an array has a dtype"),
        (
            "output: {shape: [N]}",
            "output: {shape: [M]}",
            "the symbol 'M' stands in no parameter's shape (there: D, N)",
        ),
        ("output: {shape: [N]}", "", "the field 'output' is missing"),
        ("output: {shape: [N]}", "output: [N]", "output: expected a mapping, got a list of 1"),
        (
            "title: Scale the rows",
            "title: a\ntitle: b",
            ":3: the field 'title' is given twice (first on line 2)",
        ),
        ("title: Scale the rows", "title: &t a", "the anchor &t is not allowed; write the value out"),
        ("title: Scale the rows", "title: !!str a", "the tag 'tag:yaml.org,2002:str' is not allowed"),
        ("output:", "---\noutput:", "holds a second document"),
        ("kind: float}", "kind: float", "is not YAML"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in DEFINITION
    message = refused(tmp_path, DEFINITION.replace(old, new, 1))
    assert words in message
    assert "the author of the exercise" in message
    assert "reference/exercise.yaml:" in message


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("limits: {wall_s: 0}", ":10: limits.wall_s: 0 is not above 0"),
        ("limits: {memory_mib: 1.5}", "expected an integer, got '1.5'"),
        ("limits: {walls: 3}", "unknown field 'walls'; did you mean 'wall_s'?"),
        (
            "tolerance: {bound: .nan}",
            "expected a number, got '.nan' (text); infinities and NaN are not allowed",
        ),
        ("tolerance: {bound: 1e999}", "'1e999' is too large for a float64"),
        ("pitfalls: {Missing: {severity: error}}", "'Missing' is not a code"),
        ("pitfalls: {a: {severity: fatal}}", "'fatal' is not one of error, warning, note"),
        ("pitfalls: {a: {severity: error, points: -1}}", "pitfalls.a.points: -1 is not at least 0"),
    ],
)
def test_optional_parts_are_checked_as_well(tmp_path: Path, extra: str, words: str) -> None:
    assert words in refused(tmp_path, DEFINITION + extra + "\n")


def test_all_errors_come_at_once(tmp_path: Path) -> None:
    message = refused(tmp_path, DEFINITION.replace("scale-rows", "A B").replace("kind: int", "kind: whole"))
    assert "2 problems" in message
    assert ":1: name:" in message
    assert ":6: parameters[1].kind:" in message


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    make(tmp_path)
    path = tmp_path / "reference" / "exercise.yaml"
    path.write_bytes(b"name: a\ntitle: \xff\n")
    with pytest.raises(ExerciseError, match=r"exercise\.yaml:2: is not UTF-8: byte 0xff"):
        load_exercise(tmp_path)
    path.write_bytes(b"")
    with pytest.raises(ExerciseError, match="is empty"):
        load_exercise(tmp_path)
    path.write_bytes(b"# " + b"x" * 3_000_000)
    with pytest.raises(ExerciseError, match="is larger than 2048 KiB"):
        load_exercise(tmp_path)


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 50_000, "- " * 50_000])
def test_nesting_without_end_is_refused_in_words(tmp_path: Path, text: str) -> None:
    assert "is nested deeper than 24 levels" in refused(tmp_path, text)


def test_an_alias_bomb_is_refused_before_it_grows(tmp_path: Path) -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "the anchor &a is not allowed" in refused(tmp_path, bomb)


def test_the_digest_follows_what_decides(tmp_path: Path) -> None:
    loaded = exercise(tmp_path)
    (tmp_path / "reference" / "statement.md").write_text("new words")
    assert digest_of_exercise(tmp_path) == loaded.digest
    (tmp_path / "cases" / "plain.yaml").write_text("cases: []\n")
    changed = digest_of_exercise(tmp_path)
    assert changed != loaded.digest
    (tmp_path / "reference" / "accepted").mkdir()
    (tmp_path / "reference" / "accepted" / "a.py").write_text("x = 1\n")
    assert digest_of_exercise(tmp_path) not in (changed, loaded.digest)
