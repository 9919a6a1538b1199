"""Recording measures what changed, says what moved, refuses what cannot be calibrated, and blames precisely."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.in_process import InProcess
from support.rows_exercise import FILES, make

from judge.authoring.record import Recording, record, write
from judge.authoring.recording.moved import Moved, summed_up
from judge.exercise import load_cases, load_exercise, load_goldens
from judge.model import ExerciseError, StaleGoldensError
from judge.solutions.reproduce import reproduce

SOLUTION = "reference/solution.py"


def one_case(inputs: str) -> str:
    return f"cases:\n  - name: bad\n    why: B.\n    visibility: hidden\n    inputs: {inputs}\n"


def run(
    root: Path, changes: dict[str, str | None] | None = None, runner: InProcess | None = None
) -> Recording:
    loaded = make(root, changes) if changes is not None else load_exercise(root)
    recording = record(loaded, [runner or InProcess()], lambda count: lambda word: None)
    write(recording)
    return recording


def lines_of(recording: Recording) -> list[str]:
    return [moved.line for moved in recording.moved]


def refused(root: Path, changes: dict[str, str | None]) -> str:
    loaded = make(root, changes)
    with pytest.raises(ExerciseError) as error:
        record(loaded, [InProcess()], lambda count: lambda word: None)
    assert not loaded.goldens_dir.exists(), "nothing may be written when something is refused"
    return str(error.value)


def test_goldens_hold_what_was_measured(tmp_path: Path) -> None:
    recording = run(tmp_path, {})
    assert [path.name for path in recording.files] == ["written.json"]
    assert recording.moved[0].line.startswith("written/plain: new, expected [15, 80] ±")
    loaded = load_exercise(tmp_path)
    golden = load_goldens(loaded, load_cases(loaded))["written/plain"]
    np.testing.assert_array_equal(golden.expected, [15.0, 80.0])
    assert golden.tolerance >= 64 * 2**-24 * 80
    wrong = golden.misconceptions["mean-not-sum"].value
    assert wrong is not None
    np.testing.assert_allclose(wrong, [5.0, 80.0 / 3])
    assert golden.misconceptions["columns-summed"].raises == "ValueError"
    document = json.loads((loaded.goldens_dir / "written.json").read_text())
    assert set(document["cases"]["plain"]["noise_from"]) == {"one-ulp", "oracle", "accepted/loop"}
    assert document["digests"].keys() == {
        name for name in FILES if name.endswith(".py") and "strategies" not in name
    }


def test_nothing_is_run_again_when_nothing_changed(tmp_path: Path) -> None:
    run(tmp_path, {})
    runner = InProcess()
    again = run(tmp_path, None, runner)
    assert not again.changes
    assert runner.calls == 0


def test_goldens_without_what_was_seen_of_the_reference_are_completed_by_a_look_at_it(tmp_path: Path) -> None:
    run(tmp_path, {})
    path = tmp_path / "cases" / "goldens" / "written.json"
    complete = path.read_text()
    document = json.loads(complete)
    assert all(entry.pop("events") == [] for entry in document["cases"].values()), "no flax, nothing to see"
    path.write_text(json.dumps(document))
    loaded = load_exercise(tmp_path)
    assert all(golden.events is None for golden in load_goldens(loaded, load_cases(loaded)).values())
    runner = InProcess()
    again = run(tmp_path, None, runner)
    assert runner.calls == len(document["cases"])
    assert path.read_text() == complete
    assert again.moved == ()


def test_a_new_case_meets_every_solution_and_no_other_case_does(tmp_path: Path) -> None:
    run(tmp_path, {})
    runner = InProcess()
    more = FILES["cases/written.yaml"] + (
        "  - name: more\n    why: More.\n    visibility: hidden\n"
        "    inputs: {factor: 2, rows: [[3, 4]], weights: [5]}\n"
    )
    again = run(tmp_path, {"cases/written.yaml": more}, runner)
    assert again.runs == 6
    assert runner.calls == 6 + 8 + 1  # every solution, the reference with 8 small changes, and once more
    assert all("new" in moved.line for moved in again.moved)
    assert len(again.moved) == 1


def test_a_new_misconception_meets_every_case_and_nothing_else_is_run(tmp_path: Path) -> None:
    run(tmp_path, {})
    runner = InProcess()
    again = run(
        tmp_path,
        {"reference/misconceptions/zero.py": '"""Zero."""\ndef weigh(f, r, w):\n    return 0 * w\n'},
        runner,
    )
    assert (again.runs, runner.calls) == (4, 4)
    assert "written/plain: zero (none) → [0, 0]" in lines_of(again)


def test_a_changed_reference_is_measured_anew_and_what_moved_is_said(tmp_path: Path) -> None:
    run(tmp_path, {})
    changed = FILES[SOLUTION].replace(
        "np.float32(factor) * total", "np.float32(factor) * total * np.float32(1.0000005)"
    )
    again = run(tmp_path, {SOLUTION: changed})
    assert again.runs == 24
    assert any(line.startswith("written/plain: expected [15, 80] → [15.00000") for line in lines_of(again))
    assert any(line.startswith("written/plain: tolerance ") and " → " in line for line in lines_of(again))


def test_another_environment_is_measured_anew(tmp_path: Path) -> None:
    run(tmp_path, {})
    assert run(tmp_path, None, InProcess({"numpy": "99"})).runs == 24


def test_a_removed_case_and_a_removed_file_go_away(tmp_path: Path) -> None:
    extra = one_case("{factor: 2, rows: [[3]], weights: [5]}")
    run(tmp_path, {"cases/extra.yaml": extra})
    again = run(tmp_path, {"cases/extra.yaml": None})
    assert "cases/goldens/extra.json: its cases are gone" in lines_of(again)
    assert not (tmp_path / "cases/goldens/extra.json").exists()
    fewer = FILES["cases/written.yaml"].partition("  - name: large")[0]
    assert "written/large: gone" in lines_of(run(tmp_path, {"cases/written.yaml": fewer}))


def test_many_changes_of_one_kind_are_one_line_and_a_few_are_listed() -> None:
    many = [
        Moved(f"a/{number}: expected 1 → 2", "expected values changed", f"a/{number}") for number in range(50)
    ]
    other = Moved("a/7: tolerance 1 → 2", "tolerances changed", "a/7")
    assert list(summed_up([*many, other])) == [
        "50 expected values changed, the first of them a/0: expected 1 → 2",
        other.line,
    ]
    assert list(summed_up([*many[:3], other])) == [*(one.line for one in many[:3]), other.line]


def test_many_changes_in_one_case_are_one_line() -> None:
    """As after a change to the inputs of one case: its values of every wrong solution change."""
    codes = [f"code-{number}" for number in range(40)]
    moved = [Moved("a/b: expected 1 → 2", "expected values changed", "a/b")]
    moved += [Moved(f"a/b: {code} 3 → 4", f"values of {code} changed", "a/b") for code in codes]
    other = Moved("a/c: code-1 5 → 6", "values of code-1 changed", "a/c")
    assert list(summed_up([*moved, other])) == [
        "a/b: 41 values changed, the first of them expected 1 → 2",
        other.line,
    ]


def test_no_temporary_file_is_left(tmp_path: Path) -> None:
    run(tmp_path, {})
    assert sorted(path.name for path in (tmp_path / "cases/goldens").iterdir()) == ["written.json"]


def test_a_reference_that_raises_is_blamed_with_its_line(tmp_path: Path) -> None:
    message = refused(tmp_path, {SOLUTION: FILES[SOLUTION].replace("total * weights", "total * wieghts")})
    assert message.startswith(
        "reference/solution.py:8: fails on written/plain: NameError: name 'wieghts' is not"
    )


def test_a_reference_that_cannot_be_loaded_is_blamed(tmp_path: Path) -> None:
    message = refused(tmp_path, {SOLUTION: "import nothing_of_the_kind\n"})
    assert message.startswith("reference/solution.py:1: fails on written/plain: ModuleNotFoundError")


def test_a_reference_that_is_not_deterministic_is_refused(tmp_path: Path) -> None:
    changed = FILES[SOLUTION].replace("* weights", "* weights * np.float32(1 + np.random.rand())")
    message = refused(tmp_path, {SOLUTION: changed})
    assert message.startswith("reference/solution.py: is not deterministic: on written/large it returned [")
    assert "for the same inputs" in message


def test_a_reference_that_remembers_is_refused(tmp_path: Path) -> None:
    changed = (
        FILES[SOLUTION]
        .replace("def weigh", "calls = []\n\n\ndef weigh")
        .replace("    total =", "    calls.append(1)\n    total = len(calls) *")
    )
    assert "is not deterministic" in refused(tmp_path, {SOLUTION: changed})


def test_a_reference_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    message = refused(tmp_path, {SOLUTION: FILES[SOLUTION].replace("* weights", "* weights / 0")})
    assert message == "reference/solution.py: returns [inf, inf] on written/plain, not finite"


def test_a_reference_of_another_shape_is_refused(tmp_path: Path) -> None:
    message = refused(tmp_path, {SOLUTION: FILES[SOLUTION].replace("return ", "return [1.0] or ")})
    assert message == "reference/solution.py: on written/plain it returns shape (1,), declared is (2,)"


def test_a_missing_reference_is_named(tmp_path: Path) -> None:
    assert "solution.py: cannot be read: No such file" in refused(tmp_path, {SOLUTION: None})


def test_an_accepted_variant_that_raises_is_blamed(tmp_path: Path) -> None:
    message = refused(
        tmp_path, {"reference/accepted/loop.py": "def weigh(f, r, w):\n    raise KeyError(3)\n"}
    )
    assert message == "reference/accepted/loop.py:2: fails on written/plain: KeyError: 3"


def test_an_accepted_variant_that_is_wrong_is_blamed(tmp_path: Path) -> None:
    wrong = FILES["reference/accepted/loop.py"].replace("factor *", "1.001 * factor *")
    message = refused(tmp_path, {"reference/accepted/loop.py": wrong})
    assert "4 of 4 cases are refused: a tolerance above 0.0001 would let wrong solutions through" in message
    assert "cases/written.yaml:2: written/plain: needs a relative tolerance of 0.004 (noise 0.001" in message
    assert (
        "from accepted/loop, times 4); likely cause: all others agree, so accepted/loop is no right solution, or"
        in message
    )


@pytest.mark.parametrize(
    ("rows", "cause"),
    [
        ("[[1e4, -1e4], [1e4, -1e4]]", "rows has identical rows; rows has only two rows"),
        ("[[1e4, -9999.999], [-1e4, 1e4], [1, 2]]", "expected (3) is near 0 beside the inputs (1e+04)"),
        ("[[1e4, -9985], [-1e4, 1e4], [1, 2]]", "the sizes of the inputs make rounding errors grow"),
        (
            "[[100000, -99999], [100001, -100000], [100002, -100001.1]]",
            "rows lies far from zero for its spread",
        ),
    ],
)
def test_an_ill_conditioned_case_is_refused_with_its_numbers_and_cause(
    tmp_path: Path, rows: str, cause: str
) -> None:
    weights = "[1, 1]" if rows.count("[") == 3 else "[1, 1, 1]"
    text = one_case(f"{{factor: 1, rows: {rows}, weights: {weights}}}")
    # every sum cancels, so that the last bits of the inputs decide
    small = FILES[SOLUTION].replace("* weights", "* weights + np.float32(1e-3)")
    oracle = FILES["reference/oracle.py"].replace("* weights", "* weights + 1e-3")
    loop = FILES["reference/accepted/loop.py"].replace("* weight for", "* weight + 1e-3 for")
    message = refused(
        tmp_path,
        {
            "cases/written.yaml": text,
            SOLUTION: small,
            "reference/oracle.py": oracle,
            "reference/accepted/loop.py": loop,
        },
    )
    assert "cases/written.yaml:2: written/bad: needs a relative tolerance of" in message
    assert "from changing inputs by one ulp, times 8); likely cause:" in message
    assert cause in message


def test_goldens_that_another_machine_does_not_reproduce_are_named(tmp_path: Path) -> None:
    run(tmp_path, {})
    loaded = load_exercise(tmp_path)
    cases = load_cases(loaded)
    goldens = load_goldens(loaded, cases)
    assert reproduce(loaded, InProcess(), cases, goldens) == []
    (tmp_path / SOLUTION).write_text(FILES[SOLUTION].replace("* weights", "* weights * np.float32(1.00002)"))
    lines = reproduce(loaded, InProcess(), cases, goldens)
    assert len(lines) == 4
    assert lines[0].startswith("written/plain: recorded 80, now 80.001")
    assert "(tolerance" in lines[0]


def test_several_runners_give_the_same_goldens(tmp_path: Path) -> None:
    one = make(tmp_path / "one", {})
    write(record(one, [InProcess()], lambda count: lambda word: None))
    other = make(tmp_path / "other", {})
    write(record(other, [InProcess(), InProcess(), InProcess()], lambda count: lambda word: None))
    name = "cases/goldens/written.json"
    assert (tmp_path / "one" / name).read_text() == (tmp_path / "other" / name).read_text()


def test_a_solution_saved_during_the_recording_shows_as_changed(tmp_path: Path) -> None:
    loaded = make(tmp_path)
    path = tmp_path / "reference" / "misconceptions" / "factor_ignored.py"

    def save_meanwhile(count: int) -> Callable[[str], None]:
        path.write_text(path.read_text() + "\n# saved by the author while 'judge cases record' was running\n")
        return lambda word: None

    write(record(loaded, [InProcess()], save_meanwhile))
    with pytest.raises(StaleGoldensError, match=r"reference/misconceptions/factor_ignored\.py changed"):
        load_goldens(load_exercise(tmp_path), load_cases(loaded))


# ------------------------------------------------------------------------------------ what the second look needs

SILENT = '''\
"""The optimizer is started on more than it should be."""

MISCONCEPTION = {"numeric": False, "pitfall": "optimizer-on-variables"}


def weigh(factor, rows, weights):
    return (4.0 if SCALED else 1.0) * factor * rows.sum(axis=1) * weights
'''
TWICE_WHEN_SCALED = '''\
"""Row sums, weighted."""


def weigh(factor, rows, weights):
    return (2.0 if SCALED else 1.0) * factor * rows.sum(axis=1) * weights
'''
WITH_SILENT: dict[str, str | None] = {
    "reference/misconceptions/all_of_it.py": SILENT,
    SOLUTION: TWICE_WHEN_SCALED,
}


def scaled_in(root: Path) -> dict[str, list[float]]:
    document = json.loads((root / "cases/goldens/written.json").read_text())
    return {name: it["value"] for name, it in document["cases"]["plain"].get("scaled", {}).items()}


def test_a_mistake_that_changes_no_number_has_one_where_optimizers_scale(tmp_path: Path) -> None:
    run(tmp_path, WITH_SILENT)
    assert scaled_in(tmp_path) == {
        "reference": [30.0, 160.0],
        "all-of-it": [60.0, 320.0],
        "oracle": [15.0, 80.0],
        "accepted/loop": [15.0, 80.0],
    }


def test_without_such_a_mistake_nobody_is_run_with_other_optimizers(tmp_path: Path) -> None:
    run(tmp_path, {})
    assert scaled_in(tmp_path) == {}


def test_what_is_missing_for_the_second_look_is_recorded_alone(tmp_path: Path) -> None:
    run(tmp_path, WITH_SILENT)
    path = tmp_path / "cases/goldens/written.json"
    before, document = path.read_text(), json.loads(path.read_text())
    for case in document["cases"].values():
        case.pop("scaled", None)
    path.write_text(json.dumps(document))
    runner = InProcess()
    run(tmp_path, runner=runner)
    assert path.read_text() == before
    assert runner.opened == 4
