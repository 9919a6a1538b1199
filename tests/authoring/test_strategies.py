"""The author's strategies: used as they are, checked like cases, blamed with their line."""

from __future__ import annotations

import contextlib
import importlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.rows_exercise import FILES, make

from judge.authoring.case_yaml import NewCase, case_lines
from judge.exercise import digest_of_inputs
from judge.model import ExerciseError, Visibility
from judge.solutions.strategies import as_written, draw, load_strategy

STRATEGIES = "reference/strategies.py"
FACTOR = "draw(st.sampled_from([1.0, 2.0, 0.5, 3.5]))"


def refused(root: Path, source: str | None) -> str:
    loaded = make(root, {STRATEGIES: source})
    with pytest.raises(ExerciseError) as error:
        draw(loaded, load_strategy(loaded), 20, 0)
    return str(error.value)


def test_the_same_seed_draws_the_same_inputs(tmp_path: Path) -> None:
    loaded = make(tmp_path)
    first = [digest_of_inputs(inputs) for inputs in draw(loaded, load_strategy(loaded), 40, 7)]
    again = [digest_of_inputs(inputs) for inputs in draw(loaded, load_strategy(loaded), 40, 7)]
    other = [digest_of_inputs(inputs) for inputs in draw(loaded, load_strategy(loaded), 40, 8)]
    assert first == again
    assert first != other
    assert len(set(first)) == len(first) == 40


def test_draws_do_not_depend_on_which_modules_are_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strategies = FILES[STRATEGIES].replace(FACTOR, "draw(st.floats(-1e6, 1e6))")
    assert strategies != FILES[STRATEGIES]
    loaded = make(tmp_path, {STRATEGIES: strategies})

    def drawn() -> list[str]:
        return [digest_of_inputs(inputs) for inputs in draw(loaded, load_strategy(loaded), 80, 7)]

    def import_constants(name: str, first: int) -> None:
        text = "\n".join(f"C{n} = {float(n)!r}" for n in range(first, first + 500))
        (tmp_path / f"{name}.py").write_text(text)
        importlib.import_module(name)

    monkeypatch.syspath_prepend(tmp_path)
    first = drawn()
    import_constants("of_somebody", 70_000)
    assert drawn() == first
    # Control: Hypothesis by itself draws of what it finds in local modules.
    monkeypatch.setattr("judge.solutions.strategies._nothing_from_other_modules", contextlib.nullcontext)
    unguarded = drawn()
    import_constants("of_somebody_else", 80_000)
    assert drawn() != unguarded


def test_inputs_have_the_declared_types(tmp_path: Path) -> None:
    loaded = make(tmp_path)
    for inputs in draw(loaded, load_strategy(loaded), 20, 0):
        assert list(inputs) == ["factor", "rows", "weights"]
        assert type(inputs["factor"]) is float
        rows = inputs["rows"]
        assert isinstance(rows, np.ndarray)
        assert rows.dtype == np.float32
        assert not rows.flags.writeable


def test_nothing_is_left_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = make(tmp_path / "exercise")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    draw(loaded, load_strategy(loaded), 20, 0)
    assert list(here.iterdir()) == []


def replaced(old: str, new: str) -> str:
    assert old in FILES[STRATEGIES]
    return FILES[STRATEGIES].replace(old, new)


def test_a_missing_file_says_what_it_is_for(tmp_path: Path) -> None:
    assert "strategies.py: is missing: it says with Hypothesis strategies what valid inputs are" in refused(
        tmp_path, None
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def inputs(:\n", "reference/strategies.py:1: the strategies fail: SyntaxError"),
        ("x = 1\n", "reference/strategies.py: defines no function inputs() that gives"),
        ("def inputs():\n    return 3\n", "defines no function inputs() that gives a strategy"),
        ("import nothing_at_all\n", "reference/strategies.py:1: the strategies fail: ModuleNotFoundError"),
        ("def inputs():\n    return 1 / 0\n", "reference/strategies.py:2: the strategies fail: ZeroDivisionError"),
        (replaced("    rows, columns =", "    raise KeyError('no rows')\n    rows, columns ="),
         "reference/strategies.py:7: the strategies fail: KeyError: 'no rows'"),
        (replaced('"weights": array(rows)', '"wieghts": array(rows)'),
         "must draw a dict with the keys ['factor', 'rows', 'weights'], drew the keys ['factor', 'rows', 'wieghts']"),
        (replaced('"weights": array(rows)', '"weights": array(rows + 1)'), "declared is [N] with N = "),
        (replaced('"weights": array(rows)', '"weights": array(rows).astype(float)'),
         "inputs() drew weights of dtype float64, declared is float32"),
        (replaced('"weights": array(rows)', '"weights": array(rows) * np.float32("nan")'),
         "inputs() drew weights with entries that are not finite"),
        (replaced(FACTOR, "'one'"), "drew factor = 'one', which is no float"),
        (replaced(FACTOR, "float('inf')"), "drew factor = inf, which is not finite"),
        (replaced("    numbers =", "    from hypothesis import assume\n    assume(False)\n    numbers ="),
         "reference/strategies.py:6: inputs() draws nothing at all"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, source: str, words: str) -> None:
    message = refused(tmp_path, source)
    assert words in message
    assert "reference/strategies.py" in message


def test_strategies_that_import_jax_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "fake"
    fake.mkdir()
    (fake / "jax.py").write_text("")
    monkeypatch.syspath_prepend(str(fake))
    had = sys.modules.pop("jax", None)
    try:
        message = refused(tmp_path / "exercise", "import jax\n" + FILES[STRATEGIES])
    finally:
        sys.modules.pop("jax", None)
        if had is not None:
            sys.modules["jax"] = had
    assert message == "reference/strategies.py: imports jax, which this process must not"


GENERATED = FILES[STRATEGIES].replace(
    '"rows": array(rows, columns)',
    '"rows": {"normal": {"shape": [rows, columns], "seed": draw(st.integers(0, 9)), "scale": 2.5}}',
)


def test_an_array_may_be_drawn_as_a_generator_and_is_written_as_one(tmp_path: Path) -> None:
    assert FILES[STRATEGIES] != GENERATED
    loaded = make(tmp_path, {STRATEGIES: GENERATED})
    inputs = draw(loaded, load_strategy(loaded), 5, 0)[0]
    written = as_written(inputs)["rows"]
    assert isinstance(written, dict)
    normal = written["normal"]
    stream = np.random.RandomState(normal["seed"])
    expected = (2.5 * stream.standard_normal(normal["shape"])).astype(np.float32)
    assert np.array_equal(np.asarray(inputs["rows"]), expected)
    lines = case_lines(NewCase("a", "W.", Visibility.HIDDEN, as_written(inputs)))
    rows, columns = normal["shape"]
    text = f"      rows: {{normal: {{shape: [{rows}, {columns}], seed: {normal['seed']}, scale: 2.5}}}}"
    assert text in lines
    assert as_written({"rows": expected})["rows"] is expected, "what was drawn as an array is written as one"


@pytest.mark.parametrize(
    ("generator", "words"),
    [
        ('{"normal": {"shape": [rows, columns]}}', "'seed'"),
        ('{"nrmal": {"shape": [rows, columns], "seed": 1}}', "nrmal"),
        ('{"normal": {"shape": [rows, columns], "seed": 1, "scale": -1}}', "-1 is not above 0"),
        ('{"normal": {"shape": [rows, columns + 1, 1], "seed": 1}}', "of shape"),
    ],
)
def test_a_generator_that_stands_for_no_array_is_named(tmp_path: Path, generator: str, words: str) -> None:
    source = FILES[STRATEGIES].replace('"rows": array(rows, columns)', f'"rows": {generator}')
    message = refused(tmp_path, source)
    assert message.startswith("reference/strategies.py")
    assert "drew rows" in message
    assert words in message


FOLDER = """
import os, pathlib, sys, tempfile
from hypothesis.configuration import storage_directory
from judge.solutions.strategies import load_strategies
from judge.exercise import find_exercise, load_exercise
foreseen = pathlib.Path(tempfile.gettempdir(), f"judge-hypothesis-{os.getuid()}")
foreseen.symlink_to(sys.argv[1])
for _ in range(2):
    assert load_strategies(load_exercise(find_exercise(pathlib.Path(sys.argv[2])))) is not None
storage_directory("here").create_if_missing()
print(storage_directory("here").path)
"""


def test_the_folder_for_hypothesis_has_a_name_that_nobody_can_foresee_and_goes_with_the_process(
    tmp_path: Path,
) -> None:
    """Somebody else on the machine could have put a link where it is going to be."""
    temporary, lured = tmp_path / "temporary", tmp_path / "lured"
    temporary.mkdir()
    lured.mkdir()
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", FOLDER, str(lured), str(root)],
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    used = Path(done.stdout.strip())
    assert used.parent.parent == temporary
    assert used.parent.name.startswith("judge-hypothesis-")
    assert not list(lured.iterdir())
    assert [path.name for path in temporary.iterdir()] == [f"judge-hypothesis-{os.getuid()}"]
