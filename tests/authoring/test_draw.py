"""Drawn cases: reproducible, usable, chosen for what the other cases see least."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.in_process import InProcess
from support.rows_exercise import FILES, IN_KNOWN_SHAPES, make

from judge.authoring import draw
from judge.authoring.check import assess
from judge.authoring.draw import Drawing, draw_cases
from judge.authoring.pin import write_generated
from judge.authoring.record import record, write
from judge.exercise import load_cases, load_exercise, read_cases
from judge.model import Exercise, ExerciseError, Origin, StaleGoldensError

ONLY_LARGE = {
    "reference/misconceptions/large_only.py": (
        '"""Large rows only."""\n\n\ndef weigh(factor, rows, weights):\n'
        "    return factor * rows.sum(axis=1) * weights * (1 + (rows.max() > 3))\n"
    )
}


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough to pick from; more would only take longer."""
    monkeypatch.setattr(draw, "DRAW_FACTOR", 12)


def recorded(root: Path, changes: dict[str, str | None] | None = None) -> Exercise:
    loaded = make(root, {**IN_KNOWN_SHAPES, **(changes or {})})
    write(record(loaded, [InProcess()], lambda count: lambda word: None))
    return load_exercise(root)


def drawn(loaded: Exercise, count: int = 6, seed: int = 0) -> Drawing:
    return draw_cases(loaded, InProcess(), count, seed, lambda title, total: lambda word: None)


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    loaded = recorded(tmp_path)
    first = drawn(loaded, 3)
    assert drawn(loaded, 3, seed=1).text != first.text
    write_generated(loaded, first.text)
    assert drawn(loaded, 3).text == first.text, "what was drawn before must not matter"


def test_what_is_written_is_read_back_as_drawn(tmp_path: Path) -> None:
    loaded = recorded(tmp_path)
    drawing = drawn(loaded)
    write_generated(loaded, drawing.text)
    entries = [
        entry for entry in read_cases(load_exercise(tmp_path)) if entry.case.origin is Origin.GENERATED
    ]
    assert len(entries) == drawing.kept == 6
    assert len({entry.case.shape_key for entry in entries}) == 3
    assert "# Written by 'judge cases draw -n 6 --seed 0'" in drawing.text
    assert "provenance:" in drawing.text


def test_draws_are_chosen_for_what_is_seen_least(tmp_path: Path) -> None:
    cases = FILES["cases/written.yaml"].replace("[4, 5, 7]", "[3, 2, 1]").replace("[4, 5]]", "[3, 2]]")
    small = cases.partition("  - name: large")[0]
    loaded = recorded(tmp_path, {**ONLY_LARGE, "cases/written.yaml": small})
    assert any("large-only" in c.message for c in assess(loaded).complaints if c.level == "error")
    write_generated(loaded, drawn(loaded, 6).text)
    assessment = assess(recorded_again(tmp_path))
    assert len(assessment.matrix.detecting_cases("large-only")) >= 3


def recorded_again(root: Path) -> Exercise:
    loaded = load_exercise(root)
    write(record(loaded, [InProcess()], lambda count: lambda word: None))
    return load_exercise(root)


def test_what_the_cases_claim_to_see_they_see(tmp_path: Path) -> None:
    loaded = recorded(tmp_path)
    write_generated(loaded, drawn(loaded, 8).text)
    assessment = assess(recorded_again(tmp_path))
    claims = [
        entry for entry in assessment.matrix.entries if entry.case.origin is Origin.GENERATED and entry.sees
    ]
    assert len(claims) >= 4
    assert not [c for c in assessment.complaints if "says that it sees" in c.message], assessment.complaints


def test_ill_conditioned_draws_are_counted_and_left_out(tmp_path: Path) -> None:
    """An oracle that disagrees where a row is negative makes those draws ill-conditioned, and only those."""
    oracle = FILES["reference/oracle.py"].replace("return ", "return (1 + 1e-3 * (rows.min() < -3.5)) * ")
    loaded = recorded(tmp_path, {"reference/oracle.py": oracle})
    drawing = drawn(loaded)
    assert drawing.ill_conditioned > 0
    assert drawing.not_finite > 0, (
        "a row of zeros gives an answer of zeros, with which nothing can be compared"
    )
    assert drawing.drawn == 24
    write_generated(loaded, drawing.text)
    for case in load_cases(load_exercise(tmp_path)):
        if case.origin is Origin.GENERATED:
            assert case.inputs["rows"].min() >= -3.5  # type: ignore[union-attr]


def test_too_few_usable_draws_say_why(tmp_path: Path) -> None:
    oracle = FILES["reference/oracle.py"].replace("return ", "return (1 + 1e-3 * (weights.min() < 1)) * ")
    changes = {"reference/oracle.py": oracle}
    cases = (
        FILES["cases/written.yaml"].partition("  - name: plain")[0]
        + "  - name: random"
        + FILES["cases/written.yaml"].partition("  - name: random")[2]
    )
    loaded = recorded(tmp_path, {**changes, "cases/written.yaml": cases})
    with pytest.raises(
        ExerciseError, match=r"\d+ draws gave only 0 usable cases, wanted are 6: \d+ were ill-cond"
    ):
        drawn(loaded)


def test_unrecorded_cases_are_refused_first(tmp_path: Path) -> None:
    with pytest.raises(StaleGoldensError, match="judge cases record"):
        drawn(make(tmp_path))


SPACE = """
SPACE = {"N": (2, 4), "D": (2, 4), "factor": (0.5, 40), "rows": (-4, 200), "weights": (-4, 4)}
GUARDS = {"factor = 3.5": lambda factor, rows, weights: factor == 3.5}
"""


def test_draws_enter_open_guards_first_and_keep_to_known_shapes(tmp_path: Path) -> None:
    strategies = IN_KNOWN_SHAPES["reference/strategies.py"] or ""
    wide = strategies.replace("[(2, 2), (2, 3), (4, 4)]", "[(2, 2), (2, 3), (4, 4), (3, 3)]")
    loaded = recorded(tmp_path, {"reference/strategies.py": wide + SPACE})
    write_generated(loaded, drawn(loaded).text)
    cases = [case for case in load_cases(load_exercise(tmp_path)) if case.origin is Origin.GENERATED]
    assert sum(case.inputs["factor"] == 3.5 for case in cases) >= 2
    assert all(case.inputs["rows"].shape != (3, 3) for case in cases)  # type: ignore[union-attr]
