"""`judge cases new` and `judge cases show`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.in_process import InProcess
from support.rows_exercise import FILES, make

from judge.authoring.case_template import new_case, show_case
from judge.authoring.case_yaml import NewCase, case_lines, number_text
from judge.authoring.record import record, write
from judge.exercise import load_cases, load_exercise, read_cases
from judge.model import UsageError, Visibility


def test_a_skeleton_is_a_valid_case(tmp_path: Path) -> None:
    loaded = make(tmp_path)
    path, line = new_case(loaded, "my-case")
    assert path == tmp_path / "cases" / "cases.yaml"
    assert path.read_text().splitlines()[line - 1] == "  - name: my-case"
    path, line = new_case(loaded, "another")
    assert path.read_text().splitlines()[line - 1] == "  - name: another"
    path, line = new_case(loaded, "third", "written")
    assert path.read_text().splitlines()[line - 1] == "  - name: third"
    assert path.read_text().startswith(FILES["cases/written.yaml"])
    ids = [case.id for case in load_cases(load_exercise(tmp_path))]
    assert {"cases/my-case", "cases/another", "written/third"} <= set(ids)


@pytest.mark.parametrize(
    ("name", "stem", "words"),
    [
        ("My Case", "written", "'My Case' is no name for a case's name"),
        ("a", "../evil", "is no name for a file of cases"),
        ("plain", "written", "there is a case written/plain already, in cases/written.yaml"),
        ("a", "generated", "cases/generated.yaml is written by the judge"),
    ],
)
def test_a_bad_name_is_refused(tmp_path: Path, name: str, stem: str, words: str) -> None:
    loaded = make(tmp_path)
    with pytest.raises(UsageError) as error:
        new_case(loaded, name, stem)
    assert words in str(error.value)


def test_show_says_what_there_is_to_know(tmp_path: Path) -> None:
    loaded = make(tmp_path)
    assert "not recorded: the goldens of exercise 'weigh-rows' do not fit" in show_case(loaded, "plain")
    write(record(loaded, [InProcess()], lambda count: lambda word: None))
    text = show_case(loaded, "written/plain")
    for words in (
        "written/plain  (cases/written.yaml:2)",
        "The first thing to get right.",
        "rows  float32[2x3]",
        "[4. 5. 7.]",
        "factor  2.5",
        "expected    15, 80",
        "tolerance   ",
        "makes raise\n    columns-summed",
        "mean-not-sum",
    ):
        assert words in text
    with pytest.raises(UsageError, match="there is no case 'plane'"):
        show_case(loaded, "plane")
    with pytest.raises(UsageError, match=r"did you mean 'written/plain'\?"):
        show_case(loaded, "written/plane")


floats32 = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(
    factor=st.floats(allow_nan=False, allow_infinity=False),
    rows=hnp.arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=floats32),
    why=st.text(min_size=1).filter(lambda text: text.strip()),
    data=st.data(),
)
def test_a_written_case_reads_back_with_the_same_bits(
    tmp_path_factory: pytest.TempPathFactory, factor: float, rows: np.ndarray, why: str, data: st.DataObject
) -> None:
    weights = data.draw(hnp.arrays(np.float32, rows.shape[0], elements=floats32))
    inputs = {"factor": factor, "rows": rows, "weights": weights}
    case = NewCase("written-by-us", why, Visibility.HIDDEN, inputs, provenance={"file": why, "n": 3})
    root = tmp_path_factory.mktemp("exercise")
    loaded = make(
        root,
        {"cases/written.yaml": None, "cases/pinned.yaml": "cases:\n" + "\n".join(case_lines(case)) + "\n"},
    )
    (entry,) = read_cases(loaded)
    read = entry.case.inputs
    assert np.float64(read["factor"]).tobytes() == np.float64(factor).tobytes()
    assert read["rows"].tobytes() == rows.tobytes()  # type: ignore[union-attr]
    assert read["weights"].tobytes() == weights.tobytes()  # type: ignore[union-attr]


def test_numbers_are_short() -> None:
    assert [number_text(n) for n in (np.float32(0.1), np.float32(2), 1e-05, 3, -0.0, np.float32(1e30))] == [
        "0.1", "2", "1e-05", "3", "-0.0", "1e+30"
    ]  # fmt: skip
