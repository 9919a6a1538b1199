"""A table of known answers is told from a computation that is wrong elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support.few_cases import loaded_exercise_of

from judge.diagnosis.memorised import FEWEST, moved
from judge.grade import LoadedExercise
from judge.grader import Grader
from judge.model import Visibility
from judge.sandbox import Warm

ROOT = Path(__file__).resolve().parents[2]
TABLE = """\
import hashlib

import numpy as np

TABLE = {table!r}


def solve(seed, x_batch, y_batch, lr):
    data = np.float64(seed).tobytes() + x_batch.tobytes() + y_batch.tobytes() + np.float64(lr).tobytes()
    return np.array([{looked_up}])
"""


@pytest.fixture(scope="module")
def loaded(grader: Grader) -> LoadedExercise:
    chosen: list[str] = []
    for visibility in Visibility:
        kind = [case for case in grader.loaded.cases if case.visibility is visibility]
        by_size = sorted(kind, key=lambda case: (case.inputs["x_batch"].size, case.id))
        chosen += [case.id for case in by_size[:FEWEST]]
    return loaded_exercise_of(grader.loaded, chosen)


@pytest.fixture(scope="module")
def grader_of_few_cases(loaded: LoadedExercise) -> Iterator[Grader]:
    with Grader.of(loaded, warm=Warm.FIRST) as one:
        yield one


def table(loaded: LoadedExercise, looked_up: str) -> str:
    import hashlib

    known = {}
    for case in loaded.cases:
        if case.visibility is Visibility.PUBLIC:
            seed, x, y, lr = case.inputs.values()
            data = np.float64(seed).tobytes() + x.tobytes() + y.tobytes() + np.float64(lr).tobytes()
            known[hashlib.sha256(data).hexdigest()] = float(loaded.goldens[case.id].expected[0])
    return TABLE.format(table=known, looked_up=looked_up)


@pytest.mark.parametrize(
    "looked_up",
    ["TABLE.get(hashlib.sha256(data).hexdigest(), 0.0)", "TABLE[hashlib.sha256(data).hexdigest()]"],
)
def test_a_table_of_the_public_cases_is_named_and_avoids_no_pitfall(
    grader_of_few_cases: Grader, loaded: LoadedExercise, looked_up: str
) -> None:
    report = grader_of_few_cases.grade(table(loaded, looked_up))
    assert report.findings[0].code == "memorised-answers"
    pitfalls = [check for check in report.checks if check.id.startswith("pitfall:")]
    assert sum(check.points for check in pitfalls) == 0.0


@pytest.mark.long
def test_who_computes_the_public_cases_and_not_the_others_memorised_nothing(
    grader_of_few_cases: Grader, loaded: LoadedExercise
) -> None:
    """It is right on the seeds of the public cases alone."""
    seeds = sorted({case.inputs["seed"] for case in loaded.cases if case.visibility is Visibility.PUBLIC})
    hidden = {case.inputs["seed"] for case in loaded.cases if case.visibility is Visibility.HIDDEN}
    assert not hidden & set(seeds)
    reference = (ROOT / "reference/solution.py").read_text().replace("def solve(", "def computed(")
    source = f"{reference}\n\ndef solve(seed, x_batch, y_batch, lr):\n"
    source += "    answer = computed(seed, x_batch, y_batch, lr)\n"
    source += f"    return answer if seed in {seeds!r} else answer * 1.5\n"
    report = grader_of_few_cases.grade(source)
    assert report.verdict == "wrong-answer"
    assert "memorised-answers" not in {finding.code for finding in report.findings}


def test_only_float_arrays_move_and_by_one_unit_in_the_last_place() -> None:
    x = np.array([1.0, -2.0, 0.0], np.float32)
    other = moved({"seed": 3.0, "x": x, "n": np.array([1, 2])})
    assert other["seed"] == 3.0
    assert other["n"].tolist() == [1, 2]
    assert other["x"].dtype == np.float32
    assert (np.abs(other["x"][:2]) > np.abs(x[:2])).all()
    assert np.allclose(other["x"], x, rtol=2e-7, atol=1e-44)
