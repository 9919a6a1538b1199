"""The kill matrix and every condition that `judge cases check` fails on, by its words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from support.in_process import InProcess
from support.rows_exercise import FILES, KEPT, make

from judge.authoring.check import Assessment, assess
from judge.authoring.kill_matrix_text import assessment_text
from judge.authoring.record import record, write
from judge.exercise import load_exercise
from judge.exercise.kill_matrix import Sight, cell_of
from judge.model import Golden, StaleGoldensError, WrongReturn

CASES = "cases/written.yaml"
PAGE = '"""A page.\n\n## What happens\n\nSomething.\n"""\n\n'


def checked(root: Path, changes: dict[str, str | None] | None = None) -> Assessment:
    loaded = make(root, changes)
    write(record(loaded, [InProcess()], lambda count: lambda word: None))
    return assess(load_exercise(root))


def complaints(root: Path, changes: dict[str, str | None]) -> list[str]:
    return [f"{c.level}: {c.place}: {c.message}" for c in checked(root, changes).complaints]


def wrong(name: str, body: str, declaration: str = "") -> dict[str, str | None]:
    text = PAGE + (f"MISCONCEPTION = {declaration}\n\n\n" if declaration else "\n")
    return {f"reference/misconceptions/{name}.py": f"{text}def weigh(factor, rows, weights):\n    {body}\n"}


def test_the_small_exercise_passes(tmp_path: Path) -> None:
    assessment = checked(tmp_path, KEPT)
    assert not assessment.failed, assessment.complaints
    matrix = assessment.matrix
    assert matrix.cells["written/plain"]["mean-not-sum"].sight is Sight.SEEN
    assert matrix.cells["written/plain"]["columns-summed"].raises == "ValueError"
    assert matrix.detecting_cases("columns-summed") == ("written/square", "written/random", "written/large")
    assert matrix.detecting_cases("columns-summed", public=True) == ("written/square",)


def golden(**changes: object) -> Golden:
    fields: dict[str, object] = {
        "case_id": "a/b",
        "case_digest": "",
        "expected": np.array([2.0, 4.0]),
        "tolerance": 0.5,
        "noise": 0.0,
        "misconceptions": {},
    }
    return Golden(**(fields | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "sight", "distance"),
    [
        ([2.0, 4.5], Sight.UNSEEN, 1.0),
        ([2.0, 4.51], Sight.FAINT, 1.02),
        ([2.0, 8.9], Sight.FAINT, 9.8),
        ([2.0, 9.0], Sight.SEEN, 10.0),
        ([2.0, np.nan], Sight.SEEN, np.inf),
        ([-np.inf, 4.0], Sight.SEEN, np.inf),
        ([2.0], Sight.OTHER_FORM, None),
        ([[2.0, 4.0]], Sight.OTHER_FORM, None),
    ],
)
def test_distance_is_in_tolerances(value: list[float], sight: Sight, distance: float | None) -> None:
    cell = cell_of(golden(), WrongReturn(np.array(value), None))
    assert cell.sight is sight
    assert cell.distance == (distance if distance is None else pytest.approx(distance))


def test_a_misconception_that_too_few_cases_see_fails(tmp_path: Path) -> None:
    found = complaints(
        tmp_path, wrong("big_only", "return factor * rows.sum(axis=1) * weights + (rows.max() > 100)") | KEPT
    )
    assert (
        "error: reference/misconceptions/big_only.py:1: big-only is seen by 1 case at 10 tolerances or more, "
        "wanted are 3"
    ) in found


def test_a_misconception_that_no_public_case_sees_fails(tmp_path: Path) -> None:
    hidden = FILES[CASES].replace("visibility: public", "visibility: hidden")
    found = complaints(tmp_path, {CASES: hidden})
    assert (
        "error: reference/misconceptions/mean_not_sum.py:1: mean-not-sum is seen by 4 cases, but by no public one"
        in found
    )


def test_a_misconception_that_equals_the_reference_everywhere_fails(tmp_path: Path) -> None:
    found = complaints(tmp_path, wrong("no_mistake", "return factor * rows.sum(axis=1) * weights"))
    assert any(
        line.startswith(
            "error: reference/misconceptions/no_mistake.py:1: no-mistake returns the reference's value on every case: "
            "add a case that shows it"
        )
        for line in found
    )
    structural = '{"numeric": False, "pitfall": "optax-not-used"}'
    assert not any(
        "no-mistake" in line
        for line in complaints(
            tmp_path, wrong("no_mistake", "return factor * rows.sum(axis=1) * weights", structural)
        )
    )


def test_a_false_declaration_fails(tmp_path: Path) -> None:
    found = complaints(tmp_path, wrong("silent", "return 0 * weights", '{"numeric": False}'))
    assert (
        'error: reference/misconceptions/silent.py:8: silent declares "numeric": False, but returns other numbers on '
        "written/plain"
    ) in found
    found = complaints(
        tmp_path, wrong("silent", "raise KeyError", '{"numeric": False, "raises": "TypeError"}')
    )
    assert (
        "error: reference/misconceptions/silent.py:8: silent declares TypeError, but ends in KeyError on written/plain"
        in found
    )
    found = complaints(tmp_path, wrong("silent", "return 0 * weights", '{"raises": "TypeError"}'))
    assert (
        "error: reference/misconceptions/silent.py:8: silent declares TypeError, but raises on no case"
        in found
    )
    found = complaints(tmp_path, wrong("silent", "raise KeyError", '{"numeric": False}'))
    assert any("silent declares no exception, but ends in KeyError" in line for line in found)
    found = complaints(tmp_path, wrong("silent", "raise KeyError", '{"raises": "KeyError"}'))
    assert any('silent changes the numbers of no case; declare "numeric": False' in line for line in found)


def test_a_case_that_does_not_see_what_it_claims_fails(tmp_path: Path) -> None:
    blind = FILES[CASES].replace("factor: 2.5", "factor: 1")
    found = complaints(tmp_path, {CASES: blind})
    assert any(
        line.startswith(
            "error: cases/written.yaml:2: written/plain says that it sees factor-ignored, which is 0 tol"
        )
        for line in found
    )


def test_a_reason_that_names_what_the_case_does_not_see_fails(tmp_path: Path) -> None:
    blind = FILES[CASES].replace("factor: 20", "factor: 1").replace("Large numbers.", "Shows %s at once.")
    place = "error: cases/written.yaml:19: written/large names in its why "
    assert any(
        line.startswith(f"{place}factor-ignored, which is 0 tolerances away (wanted are 10)")
        for line in complaints(tmp_path, {CASES: blind.replace("%s", "factor-ignored, mean-not-sum")})
    )
    seen = complaints(tmp_path, {CASES: blind.replace("%s", "mean-not-sum")})
    assert not any("names in its why" in line for line in seen)
    longer = complaints(tmp_path, {CASES: blind.replace("%s", "un-factor-ignored")})
    assert not any("names in its why" in line for line in longer), "a longer word is another word"


def test_two_misconceptions_with_one_fingerprint_fail_unless_declared(tmp_path: Path) -> None:
    twin = "return rows.sum(axis=1) * weights * 1.0"
    found = complaints(tmp_path, wrong("twin", twin))
    assert any(
        "factor-ignored and twin return the same numbers on every case, so that a diagnosis by numbers is a guess"
        in line
        for line in found
    )
    declared = wrong("twin", twin, '{"same_numbers_as": ["factor_ignored"]}')
    (line,) = [line for line in complaints(tmp_path, declared) if "twin" in line]
    assert "reference/misconceptions/factor_ignored.py:" in line
    assert "return the same numbers on every case, and no evidence tells them apart" in line
    evident = wrong("twin", twin, '{"same_numbers_as": ["factor_ignored"], "evidence": "step-size-changed"}')
    assert not any("twin" in line for line in complaints(tmp_path, evident))
    same_code = wrong("twin", twin, '{"code": "factor-ignored"}')
    assert not any("twin" in line for line in complaints(tmp_path, same_code))
    other = wrong("twin", "return rows.sum(axis=1)", '{"same_numbers_as": ["factor_ignored"]}')
    assert any(
        "factor-ignored and twin are declared to return the same numbers, but written/plain tells them apart"
        in line
        for line in complaints(tmp_path, other)
    )


def test_stale_goldens_fail(tmp_path: Path) -> None:
    checked(tmp_path)
    make(tmp_path, wrong("new_one", "return weights"))
    with pytest.raises(StaleGoldensError, match=r"reference/misconceptions/new_one\.py is new"):
        assess(load_exercise(tmp_path))


def test_an_accepted_variant_outside_of_the_tolerance_fails(tmp_path: Path) -> None:
    """Reached when the factors of the rule are below 1, so that measured noise is not covered."""
    rule = FILES["reference/exercise.yaml"] + "tolerance: {spread_factor: 0.1, bound: 0.01}\n"
    loop = FILES["reference/accepted/loop.py"].replace("factor *", "1.001 * factor *")
    found = complaints(tmp_path, {"reference/exercise.yaml": rule, "reference/accepted/loop.py": loop})
    assert any(
        line.startswith(
            "error: reference/accepted/loop.py: accepted/loop is right and would be rejected on written/"
        )
        for line in found
    )


def test_a_reference_that_moves_beyond_its_own_tolerance_fails(tmp_path: Path) -> None:
    rule = FILES["reference/exercise.yaml"] + "tolerance: {perturbation_factor: 0.1, ulps: 0.01}\n"
    found = complaints(tmp_path, {"reference/exercise.yaml": rule})
    assert any(
        line.startswith("error: cases/written.yaml:2: written/plain moves by ")
        and line.endswith("the factors in exercise.yaml are too small")
        for line in found
    )


def test_a_case_that_adds_nothing_fails_unless_it_says_why_it_stays(tmp_path: Path) -> None:
    more = FILES[CASES] + (
        "  - name: blind\n    why: B.\n    visibility: hidden\n    inputs: {factor: 1, rows: [[3]], weights: [5]}\n"
        "  - name: again\n    why: A.\n    visibility: public\n"
        "    inputs: {factor: 3, rows: [[3, 5], [7, 8]], weights: [5, 3]}\n"
    )
    found = complaints(tmp_path, {CASES: more})
    assert "error: cases/written.yaml:26: written/blind sees no misconception at all" in found
    again = "error: cases/written.yaml:30: written/again could go: the others see the same; remove it, or say in 'keep'"
    assert any(line.startswith(again) for line in found)
    kept = more.replace("why: A.", "why: A.\n    keep: It is shown in the statement.")
    assert not any("written/again" in line for line in complaints(tmp_path, {CASES: kept}))


def test_a_reason_to_stay_that_is_not_needed_is_warned_about(tmp_path: Path) -> None:
    kept = FILES[CASES].replace("why: Many numbers.", "why: Many numbers.\n    keep: I like it.")
    found = complaints(tmp_path, {CASES: kept})
    assert (
        "warning: cases/written.yaml:12: written/random says why it stays, but is needed: "
        "without it the cases see less" in found
    )


def test_the_smallest_cover_keeps_every_demand(tmp_path: Path) -> None:
    more = FILES[CASES] + "".join(
        f"  - name: more-{n}\n    why: M.\n    visibility: hidden\n"
        f"    inputs: {{factor: {n + 2}, rows: [[3, 5], [7, {n}]], weights: [5, 3]}}\n"
        for n in range(6)
    )
    assessment = checked(tmp_path, {CASES: more})
    matrix, cover = assessment.matrix, set(assessment.cover)
    assert len(cover) == 3
    for m in matrix.numeric:
        assert len(cover & set(matrix.detecting_cases(m.name))) >= 3
        assert cover & set(matrix.detecting_cases(m.name, public=True))
    for distinguishing_cases in matrix.pairs.values():
        assert not distinguishing_cases or cover & set(distinguishing_cases)


def test_json_and_text_say_the_same(tmp_path: Path) -> None:
    assessment = checked(
        tmp_path, wrong("big_only", "return factor * rows.sum(axis=1) * weights + (rows.max() > 100)") | KEPT
    )
    document = json.loads(json.dumps(assessment.to_json(), allow_nan=False))
    assert document["passed"] is False
    assert document["matrix"]["cells"]["written/plain"]["columns-summed"] == {
        "sight": "raises", "distance": None, "raises": "ValueError"
    }  # fmt: skip
    text = assessment_text(assessment).plain
    assert "big-only        ···■  seen by 1 (0 public)" in text
    assert "columns-summed  !■■■  seen by 3 (1 public)" in text
    assert "4 cases, 4 misconceptions that change numbers: 1 conditions fail" in text
    assert "smallest set with the same power: " in text


def test_a_page_that_is_a_title_alone_is_told(tmp_path: Path) -> None:
    changes = wrong("bare", "return rows.sum()")
    bare = {name: (text or "").replace(PAGE, '"""A page."""\n\n') for name, text in changes.items()}
    found = complaints(tmp_path, bare)
    assert any(line.startswith("warning: ") and "bare: its page is a title alone" in line for line in found)
    full = complaints(tmp_path / "b", wrong("full", "return rows.sum()"))
    assert not any("full: its page" in line for line in full)


def test_a_reason_that_is_still_to_be_written_is_told(tmp_path: Path) -> None:
    written = FILES[CASES]
    why = next(line for line in written.splitlines() if "why:" in line)
    changed = written.replace(why, f"{why.partition('why:')[0]}why: TODO say why")
    found = complaints(tmp_path, {CASES: changed})
    assert any(
        line.startswith(f"warning: {CASES}") and "'why' is still to be written" in line for line in found
    )
