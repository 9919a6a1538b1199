"""The authors' commands from arguments to exit status: words, statuses, streams."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.rows_exercise import FILES, KEPT, make

from judge.model import Limits, Verdict
from judge.solutions.runner import AUTHOR_LIMITS

Run = Callable[..., tuple[int, str, str]]


def test_record_then_record_again_then_check(tmp_path: Path, run: Run) -> None:
    make(tmp_path, KEPT)
    status, out, err = run("cases", "record")
    assert status == 0
    assert "written/plain: new, expected [15, 80]" in out
    assert "24 runs; wrote written.json in cases/goldens/" in out
    assert "recording: 6/6" in err
    assert run("cases", "record")[:2] == (0, "nothing changed; the goldens are as they were\n")
    status, out, _ = run("cases", "check")
    assert status == 0
    assert "all conditions hold" in out
    assert "\x1b" not in out
    status, out, _ = run("cases", "record", "--check")
    assert (status, out) == (0, "4 cases: goldens are current, and the reference gives them here\n")


def test_record_check_fails_on_stale_and_on_moved_values(tmp_path: Path, run: Run) -> None:
    make(tmp_path)
    assert run("cases", "record", "--check")[0] == 3
    run("cases", "record")
    path = tmp_path / "cases" / "goldens" / "written.json"
    recorded = path.read_text()
    path.write_text(recorded.replace('"expected": [15.0, 80.0]', '"expected": [16.0, 80.0]'))
    status, _, err = run("cases", "record", "--check")
    assert status == 3
    assert (
        "this machine's reference does not give the recorded values; 'judge cases record --all' takes these"
        in err
    )
    assert "written/plain: recorded 16, now 15" in err
    assert run("cases", "record")[1] == "nothing changed; the goldens are as they were\n"
    status, out, _ = run("cases", "record", "--all")
    assert (status, out.splitlines()) == (
        0,
        ["written/plain: expected [16, 80] → [15, 80]", "24 runs; wrote written.json in cases/goldens/"],
    )
    assert path.read_text() == recorded
    assert run("cases", "record", "--check")[0] == 0


def test_check_fails_with_status_1_and_its_json_says_why(tmp_path: Path, run: Run) -> None:
    make(
        tmp_path,
        {
            "cases/written.yaml": FILES["cases/written.yaml"].replace(
                "visibility: public", "visibility: hidden"
            )
        },
    )
    run("cases", "record")
    status, out, _ = run("cases", "check", "--format", "json")
    document = json.loads(out)
    assert status == 1
    assert document["passed"] is False
    assert document["smallest_cover"]
    assert next(one for one in document["complaints"] if one["level"] == "error") == {
        "level": "error",
        "place": "reference/misconceptions/columns_summed.py:3",
        "message": "columns-summed is seen by 3 cases, but by no public one",
    }


def test_check_writes_the_matrix_as_a_page(tmp_path: Path, run: Run) -> None:
    make(tmp_path, KEPT)
    run("cases", "record")
    path = tmp_path / "matrix.html"
    assert run("cases", "check", "--plot", str(path))[0] == 0
    assert 'title="seen, ' in path.read_text()
    assert "Which case sees which misconception" in path.read_text()
    status, _, err = run("cases", "check", "--plot", str(tmp_path / "matrix.png"))
    assert status == 2
    assert "the file must end in .html" in err


def test_check_before_record_is_an_error_that_names_the_command(tmp_path: Path, run: Run) -> None:
    make(tmp_path)
    status, out, err = run("cases", "check")
    assert (status, out) == (3, "")
    assert "'judge cases record' mends this" in err


def test_broken_files_are_errors_with_places(tmp_path: Path, run: Run) -> None:
    make(tmp_path)
    (tmp_path / "cases" / "written.yaml").write_text("cases:\n  - nmae: x\n")
    status, out, err = run("cases", "record")
    assert (status, out) == (3, "")
    assert "cases/written.yaml:2: cases[0]: unknown field 'nmae'; did you mean 'name'?" in err
    assert "Traceback" not in err


def test_draw_then_record_then_show(tmp_path: Path, run: Run) -> None:
    make(tmp_path)
    run("cases", "record")
    status, out, _ = run("cases", "draw", "-n", "4", "--seed", "5")
    assert status == 0
    assert "16 draws: " in out
    assert "4 kept in cases/generated.yaml" in out
    first = (tmp_path / "cases" / "generated.yaml").read_bytes()
    run("cases", "draw", "-n", "4", "--seed", "5")
    assert (tmp_path / "cases" / "generated.yaml").read_bytes() == first
    assert run("cases", "record")[0] == 0
    status, out, _ = run("cases", "show", "draw-01")
    assert status == 0
    assert "generated/draw-01" in out


def test_fuzz_finds_pins_and_says_so(tmp_path: Path, run: Run) -> None:
    make(tmp_path)
    wrong = tmp_path / "robin.py"
    wrong.write_text("def weigh(factor, rows, weights):\n    return factor * rows.mean(axis=1) * weights\n")
    status, out, err = run("fuzz", str(wrong), "-n", "20", "--pin", "mean-of-two")
    assert status == 1
    assert "wrong on\n  factor = 1.0\n  rows = [[" in out
    assert "pinned as pinned/mean-of-two in cases/pinned.yaml; run 'judge cases record'" in err
    status, _, err = run("fuzz", str(wrong), "--pin", "mean-of-two")
    assert status == 2
    assert "there is a case of that name in cases/pinned.yaml already" in err
    pinned = (tmp_path / "cases" / "pinned.yaml").read_bytes()
    status, out, err = run("fuzz", str(wrong), "-n", "20", "--format", "json", "--pin", "once-more")
    assert status == 1
    assert json.loads(out)["counterexample"]["inputs"]["factor"] == 1.0
    assert "not pinned: pinned/mean-of-two has these inputs already" in err
    assert (tmp_path / "cases" / "pinned.yaml").read_bytes() == pinned
    right = tmp_path / "kim.py"
    right.write_text(FILES["reference/solution.py"])
    status, out, _ = run("fuzz", str(right), "-n", "20")
    assert status == 0
    assert "no input found on which it is wrong" in out


def test_fuzz_of_nothing_is_a_usage_error(tmp_path: Path, run: Run) -> None:
    make(tmp_path)
    assert run("fuzz", str(tmp_path / "nobody.py"))[0] == 2
    assert run("fuzz", str(tmp_path))[0] == 2
    status, _, err = run("fuzz", str(tmp_path / "a.py"), "-n", "0")
    assert status == 2
    assert "'0' is not a number from 1 up" in err


def test_new_writes_a_case_that_can_be_recorded(tmp_path: Path, run: Run) -> None:
    make(tmp_path)
    status, out, _ = run("cases", "new", "fresh")
    assert (status, out) == (0, "cases/cases.yaml:2: edit it, then run 'judge cases record'\n")
    assert run("cases", "record")[0] == 0


def test_a_reference_that_raises_is_a_judge_error(tmp_path: Path, run: Run) -> None:
    make(
        tmp_path, {"reference/solution.py": "def weigh(factor, rows, weights):\n    raise ValueError('no')\n"}
    )
    status, _, err = run("cases", "record")
    assert status == 3
    assert "judge: error: reference/solution.py:2: fails on written/plain: ValueError: no" in err


def test_a_strategy_that_raises_is_a_judge_error(tmp_path: Path, run: Run) -> None:
    make(tmp_path)
    run("cases", "record")
    (tmp_path / "reference" / "strategies.py").write_text("def inputs():\n    return {}['x']\n")
    status, _, err = run("cases", "draw")
    assert status == 3
    assert "reference/strategies.py:2: the strategies fail: KeyError: 'x'" in err


def test_mutants_are_graded_with_patience(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine an equivalent mutant may run out of a learner's time; that does not reject it."""
    seen: list[Limits | None] = []

    class FakeGrader:
        def __init__(self, root: Path, *, limits: Limits | None = None, accept: str = "good") -> None:
            seen.append(limits)

        def __enter__(self) -> FakeGrader:
            return self

        def __exit__(self, *error: object) -> None:
            pass

        def grade(self, source: bytes) -> SimpleNamespace:
            return SimpleNamespace(verdict=Verdict.ACCEPTED, findings=[])

    monkeypatch.setattr("judge.grader.Grader", FakeGrader)
    make(tmp_path)
    run("cases", "record")
    status, out, _ = run("cases", "mutate", "-j", "2")
    assert status == 1
    assert "-    return np.float32(factor) * total * weights" in out
    assert "+    return factor * total * weights\nsurvives, unexplained" in out
    assert out.splitlines()[-1].endswith(" equivalent, 1 unexplained")
    assert seen == [AUTHOR_LIMITS]


def test_a_verb_is_required_and_a_wrong_one_is_named(run: Run) -> None:
    assert run("cases")[0] == 2
    status, _, err = run("cases", "recrod")
    assert status == 2
    assert "recrod" in err
