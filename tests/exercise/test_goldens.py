"""Goldens round-trip exactly, and stale ones are refused with the command that mends them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.small_exercise import case, exercise

from judge.exercise import load_cases, load_exercise, load_goldens
from judge.exercise.golden_file import GoldenFile, RecordedCase, read_golden_file, render_golden_file
from judge.exercise.goldens import source_digests
from judge.model import Event, Exercise, Golden, StaleGoldensError, WrongReturn


def recorded(case_id: str, digest: str, **changes: object) -> RecordedCase:
    fields: dict[str, object] = {
        "case_id": case_id,
        "case_digest": digest,
        "expected": np.array([0.1, -2.0, 1.0]),
        "tolerance": 2 * 2.0**-18,
        "noise": 1e-7,
        "misconceptions": {"a-mistake": WrongReturn(np.array([3.0, np.inf]), None)},
        "events": (Event("module-init", None, {"keys": {"params": [0, 2]}, "sums": [0.1, None]}),),
    }
    return RecordedCase(Golden(**(fields | changes)), 2.0**-18, {"one-ulp": 1e-7})  # type: ignore[arg-type]


def write(loaded: Exercise, **changes: object) -> Path:
    """Goldens that fit the exercise, except for what is changed."""
    cases = {c.id: recorded(c.id, c.digest) for c in load_cases(loaded)}
    fields = {
        "digests": source_digests(loaded),
        "environment": {"jax": "0.0"},
        "tolerance_rule": asdict(loaded.tolerance),
        "cases": cases,
    }
    path = loaded.goldens_dir / "plain.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(render_golden_file(GoldenFile(**(fields | changes))), encoding="utf-8")  # type: ignore[arg-type]
    return path


def stale(root: Path) -> str:
    loaded = load_exercise(root)
    with pytest.raises(StaleGoldensError) as error:
        load_goldens(loaded, load_cases(loaded))
    message = str(error.value)
    assert "judge cases record" in message
    return message


def test_current_goldens_are_loaded(tmp_path: Path) -> None:
    loaded = exercise(tmp_path)
    write(loaded)
    golden = load_goldens(loaded, load_cases(loaded))["plain/plain"]
    np.testing.assert_array_equal(golden.expected, [0.1, -2.0, 1.0])
    assert golden.events == recorded("", "").golden.events
    wrong = golden.misconceptions["a-mistake"].value
    assert wrong is not None
    np.testing.assert_array_equal(wrong, [3.0, np.inf])


def test_missing_goldens_are_named(tmp_path: Path) -> None:
    exercise(tmp_path)
    assert "cases/goldens/plain.json is missing" in stale(tmp_path)


def test_a_changed_case_is_named(tmp_path: Path) -> None:
    write(exercise(tmp_path))
    (tmp_path / "cases" / "plain.yaml").write_text(case(factor="2.75"), encoding="utf-8")
    assert "the inputs of plain/plain changed" in stale(tmp_path)


def test_a_new_case_is_named(tmp_path: Path) -> None:
    write(exercise(tmp_path))
    both = case() + case(name="more", factor="3").partition("\n")[2]
    (tmp_path / "cases" / "plain.yaml").write_text(both, encoding="utf-8")
    assert "plain/more was never recorded" in stale(tmp_path)


def test_a_changed_new_or_removed_solution_is_named(tmp_path: Path) -> None:
    write(exercise(tmp_path))
    folder = tmp_path / "reference"
    (folder / "solution.py").write_text("changed = True\n", encoding="utf-8")
    (folder / "accepted").mkdir()
    (folder / "accepted" / "other.py").write_text("new = True\n", encoding="utf-8")
    message = stale(tmp_path)
    assert "reference/solution.py changed" in message
    assert "reference/accepted/other.py is new" in message
    (folder / "solution.py").unlink()
    assert "reference/solution.py is gone" in stale(tmp_path)


def test_a_changed_tolerance_rule_is_named(tmp_path: Path) -> None:
    write(exercise(tmp_path), tolerance_rule={"bound": 1.0})
    assert "the tolerance rule in reference/exercise.yaml changed" in stale(tmp_path)


def test_words_for_learners_do_not_make_goldens_stale(tmp_path: Path) -> None:
    loaded = exercise(tmp_path)
    write(loaded)
    (tmp_path / "reference" / "statement.md").write_text("# New words\n", encoding="utf-8")
    (tmp_path / "reference" / "strategies.py").write_text("# new\n", encoding="utf-8")
    load_goldens(load_exercise(tmp_path), load_cases(loaded))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        "null",
        '{"format": 99}',
        "[" * 100_000,
        '{"format": 1, "digests": 3, "environment": {}}',
    ],
)
def test_a_file_that_is_no_golden_is_refused(tmp_path: Path, text: str) -> None:
    path = write(exercise(tmp_path))
    path.write_text(text, encoding="utf-8")
    assert "no file of goldens" in stale(tmp_path)


def test_an_expected_value_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    path = write(exercise(tmp_path))
    document = json.loads(path.read_text(encoding="utf-8"))
    document["cases"]["plain"]["expected"] = ["nan", 1.0, 2.0]
    path.write_text(json.dumps(document), encoding="utf-8")
    assert "without a finite value" in stale(tmp_path)


@given(
    expected=hnp.arrays(
        np.float64, hnp.array_shapes(max_dims=3), elements=st.floats(allow_nan=False, allow_infinity=False)
    ),
    wrong=hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0)),
    raises=st.text(min_size=1, max_size=20),
)
def test_numbers_survive_exactly(
    tmp_path_factory: pytest.TempPathFactory, expected: np.ndarray, wrong: np.ndarray, raises: str
) -> None:
    misconceptions = {"value": WrongReturn(wrong, None), "raising": WrongReturn(None, raises)}
    record = recorded("f/c", "0" * 64, expected=expected, misconceptions=misconceptions)
    path = tmp_path_factory.mktemp("golden") / "f.json"
    text = render_golden_file(GoldenFile({"a": "b"}, {"jax": "0"}, {"bound": 1e-4}, {"f/c": record}))
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    read = read_golden_file(path).cases["f/c"].golden
    np.testing.assert_array_equal(read.expected, expected)
    again = read.misconceptions["value"].value
    assert again is not None
    assert again.shape == wrong.shape
    np.testing.assert_array_equal(again, wrong)
    assert read.misconceptions["raising"].raises == raises
